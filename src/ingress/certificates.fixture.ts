/**
 * For tests: two certificates with their keys (no secret: nothing believes in them), for shop.example.com and
 * *.apps.example.com.
 */
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
