/**
 * For tests: an authority, and certificates of it for some hosts, with their keys (no secret: nothing believes in
 * them).
 */
export const authority =
  '-----BEGIN CERTIFICATE-----\n' +
  'MIIBYDCCAQagAwIBAgIQXGiaDapxGDM5AiOpTo3YDTAKBggqhkjOPQQDAjAPMQ0w\n' +
  'CwYDVQQDEwR0ZXN0MCAXDTI1MTIzMTIzMDAwMFoYDzIxMjUxMjA4MDAwMDAwWjAP\n' +
  'MQ0wCwYDVQQDEwR0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwqFd/8Kh\n' +
  '/hL8dmeF5/0C3xh7R/6uIXdCbcaUcHQ0kDZExMN/PHyDtjwpv7rV7lVfDmu5lUco\n' +
  'tiptmd62jYHxm6NCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAYYw\n' +
  'HQYDVR0OBBYEFOYy7tZrp082iZBvzG3MDEN3ido/MAoGCCqGSM49BAMCA0gAMEUC\n' +
  'IQDgOMoS8qYYDjGd9zyQRDCzptocNWAaCOe0GpDsvpf1MAIgEtd/CvDQuE50FTlk\n' +
  'BcV0dIg9arB6FYPwdoKVSXrSHFY=\n' +
  '-----END CERTIFICATE-----\n';
export const shopPair = {
  certificate:
    '-----BEGIN CERTIFICATE-----\n' +
    'MIIBnTCCAUOgAwIBAgIQegKm0LM1n/i/nXAGCC7+ODAKBggqhkjOPQQDAjAPMQ0w\n' +
    'CwYDVQQDEwR0ZXN0MCAXDTI1MTIzMTIzMDAwMFoYDzIxMjUxMjA4MDAwMDAwWjAb\n' +
    'MRkwFwYDVQQDExBzaG9wLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n' +
    'AQcDQgAEWXKnqELn07nG2yq4XV68Ay6svJ46m5d/nmrZnOvYA/HFNtWOlrBarB+Z\n' +
    'z1dOtaz5Ao8gnSocy9PNbvTnxkNHxaNzMHEwDAYDVR0TAQH/BAIwADAOBgNVHQ8B\n' +
    'Af8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHwYDVR0jBBgwFoAU5jLu1mun\n' +
    'TzaJkG/MbcwMQ3eJ2j8wGwYDVR0RBBQwEoIQc2hvcC5leGFtcGxlLmNvbTAKBggq\n' +
    'hkjOPQQDAgNIADBFAiEAquzBV3Xdowz4n9Xjj44kUslfvC1oCrWrXHDfVonE2v4C\n' +
    'IGSfCfKgy2xbOCOMihsWO0uOgm+JCwGRrGcwUhReEXCY\n' +
    '-----END CERTIFICATE-----\n',
  key:
    '-----BEGIN PRIVATE KEY-----\n' +
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1ABWbb2SK1Z3HBKT\n' +
    'esjTxbP3zo6WnwyhZIRZAZixuuShRANCAARZcqeoQufTucbbKrhdXrwDLqy8njqb\n' +
    'l3+eatmc69gD8cU21Y6WsFqsH5nPV061rPkCjyCdKhzL081u9OfGQ0fF\n' +
    '-----END PRIVATE KEY-----\n',
};
/** For *.apps.example.com. */
export const wildcardPair = {
  certificate:
    '-----BEGIN CERTIFICATE-----\n' +
    'MIIBoDCCAUegAwIBAgIQSWgGOVjgF14ULFiw2NTwijAKBggqhkjOPQQDAjAPMQ0w\n' +
    'CwYDVQQDEwR0ZXN0MCAXDTI1MTIzMTIzMDAwMFoYDzIxMjUxMjA4MDAwMDAwWjAd\n' +
    'MRswGQYDVQQDDBIqLmFwcHMuZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjO\n' +
    'PQMBBwNCAARq8D44xxu7T9QwIvPmV4WekLRccV8hzvUMqdTVe2TCJDNDQR/xv5P9\n' +
    'CGuabukiiWfxb3XdYnbFuuYcOpaSuLDjo3UwczAMBgNVHRMBAf8EAjAAMA4GA1Ud\n' +
    'DwEB/wQEAwIHgDATBgNVHSUEDDAKBggrBgEFBQcDATAfBgNVHSMEGDAWgBTmMu7W\n' +
    'a6dPNomQb8xtzAxDd4naPzAdBgNVHREEFjAUghIqLmFwcHMuZXhhbXBsZS5jb20w\n' +
    'CgYIKoZIzj0EAwIDRwAwRAIgC2/XmDhOEsGRg/4gNxkriSxqrLTShhRtlIdZNow6\n' +
    'Pf4CIBRPq/V3Kg0ZjbJA8gm09pXTDlLxrauSky2o+tiEvBvI\n' +
    '-----END CERTIFICATE-----\n',
  key:
    '-----BEGIN PRIVATE KEY-----\n' +
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgibTIvYT0VIp9ggmU\n' +
    'IN7WiMb08JXygrvjiMKbnTZd0GWhRANCAARq8D44xxu7T9QwIvPmV4WekLRccV8h\n' +
    'zvUMqdTVe2TCJDNDQR/xv5P9CGuabukiiWfxb3XdYnbFuuYcOpaSuLDj\n' +
    '-----END PRIVATE KEY-----\n',
};
/** For fallback.invalid. */
export const fallbackPair = {
  certificate:
    '-----BEGIN CERTIFICATE-----\n' +
    'MIIBnTCCAUOgAwIBAgIQdu+1CD9lKMZnoM+ZoyhEOzAKBggqhkjOPQQDAjAPMQ0w\n' +
    'CwYDVQQDEwR0ZXN0MCAXDTI1MTIzMTIzMDAwMFoYDzIxMjUxMjA4MDAwMDAwWjAb\n' +
    'MRkwFwYDVQQDExBmYWxsYmFjay5pbnZhbGlkMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n' +
    'AQcDQgAEU8eNiHkybCxbod2BA/63HXQZ3j9xYGKj8aIa/m3vSlDi7chKS+22bCwi\n' +
    '1M9F6bOGyG1cQeMFSWIt58LdpGAAWaNzMHEwDAYDVR0TAQH/BAIwADAOBgNVHQ8B\n' +
    'Af8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHwYDVR0jBBgwFoAU5jLu1mun\n' +
    'TzaJkG/MbcwMQ3eJ2j8wGwYDVR0RBBQwEoIQZmFsbGJhY2suaW52YWxpZDAKBggq\n' +
    'hkjOPQQDAgNIADBFAiEAqzD6PUfkf3d+1DPUetdI3BCQiaOB9TWubraUVgJoVfgC\n' +
    'ICOLV9o1YYQGJ6hgXWCL8GT3s6eFcQM9Bu6qWSXrqO8P\n' +
    '-----END CERTIFICATE-----\n',
  key:
    '-----BEGIN PRIVATE KEY-----\n' +
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnbRThmAZczA1jchE\n' +
    'Ssmq6pDhPGWlaQrGdRUDg547QlmhRANCAARTx42IeTJsLFuh3YED/rcddBneP3Fg\n' +
    'YqPxohr+be9KUOLtyEpL7bZsLCLUz0Xps4bIbVxB4wVJYi3nwt2kYABZ\n' +
    '-----END PRIVATE KEY-----\n',
};
