/** For tests: a certificate of the node n1 at loopback, with its key (no secret: nothing believes in it). */
import type { PortCertificate } from './kubelet-port.ts';

export const portCertificate: PortCertificate = {
  certificate:
    '-----BEGIN CERTIFICATE-----\n' +
    'MIIBhzCCAS2gAwIBAgIQcF3TJUrlXHG2aDcB0i4exDAKBggqhkjOPQQDAjAPMQ0w\n' +
    'CwYDVQQDEwR0ZXN0MCAXDTI1MTIzMTIzMDAwMFoYDzIxMjUxMjA4MDAwMDAwWjAN\n' +
    'MQswCQYDVQQDEwJuMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCIetXwhp6G1\n' +
    'aD1y+/IHo1xHM04mJ2OyqeAFx1YKN17gAM2E3MSmI1x30ncCsGBz0VM10C8EA8/P\n' +
    'DcOoB/jbXHqjazBpMAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgeAMBMGA1Ud\n' +
    'JQQMMAoGCCsGAQUFBwMBMB8GA1UdIwQYMBaAFPHfH8X9KNy7PXUm+33/6Q4z/CEQ\n' +
    'MBMGA1UdEQQMMAqCAm4xhwR/AAABMAoGCCqGSM49BAMCA0gAMEUCIQDCHc4j0rP4\n' +
    '3jJqBruAtJzsg/LbGqQEAAd/uZR+J2BzugIgcZ48gLLR+nI6MKpWSN4m0yE3MPhq\n' +
    'mUhDuK2CuRy4sfc=\n' +
    '-----END CERTIFICATE-----\n',
  key:
    '-----BEGIN PRIVATE KEY-----\n' +
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVMez0xcgLYCdhnfc\n' +
    'EXys9kHCNEt5tn46xIot+xtqB4ihRANCAAQiHrV8IaehtWg9cvvyB6NcRzNOJidj\n' +
    'sqngBcdWCjde4ADNhNzEpiNcd9J3ArBgc9FTNdAvBAPPzw3DqAf421x6\n' +
    '-----END PRIVATE KEY-----\n',
};
