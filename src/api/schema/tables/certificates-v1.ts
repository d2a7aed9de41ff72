/** Types and resources of certificates.k8s.io, version v1, in the form that type-entry.ts reads. */

export const certificatesV1 = `
CertificateSigningRequest@
  # A request for an X.509 certificate, to be approved or denied and then signed.
  resource certificatesigningrequests certificatesigningrequest cluster * short=csr
  subresource approval CertificateSigningRequest get,patch,update
  subresource status CertificateSigningRequest get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:CertificateSigningRequestSpec
  status+:3:CertificateSigningRequestStatus

CertificateSigningRequestCondition
  type!+:1:s
  status!+:6:s
  reason:2:s
  message:3:s
  lastUpdateTime+:4:t
  lastTransitionTime+:5:t

CertificateSigningRequestList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CertificateSigningRequest

CertificateSigningRequestSpec
  request!+:1:bytes(atomic)
  signerName!+:7:s
  expirationSeconds*:8:i32
  usages:5:[]s(atomic;enum=any,cert~sign,client~auth,code~signing,content~commitment,crl~sign,data~encipherment,
    decipher~only,digital~signature,email~protection,encipher~only,ipsec~end~system,ipsec~tunnel,ipsec~user,
    key~agreement,key~encipherment,microsoft~sgc,netscape~sgc,ocsp~signing,s/mime,server~auth,signing,timestamping)
  username:2:s
  uid:3:s
  groups:4:[]s(atomic)
  extra:6:{}[]s(wrapped)

CertificateSigningRequestStatus
  conditions:1:[]CertificateSigningRequestCondition(map=type)
  certificate:2:bytes(atomic)
`;
