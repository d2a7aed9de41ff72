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
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:6:s
    # True, False or Unknown.
  reason:2:s
    # Cause of the status, as one word for programs.
  message:3:s
    # Cause of the status, as text for people.
  lastUpdateTime+:4:t
    # When the condition was last written.
  lastTransitionTime+:5:t
    # When the status last changed.

CertificateSigningRequestList@
  # A list of objects of the kind CertificateSigningRequest.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]CertificateSigningRequest

CertificateSigningRequestSpec
  # The certificate that is asked for.
  request!+:1:bytes(atomic)
    # PKCS#10 request, in PEM.
  signerName!+:7:s
    # Who is to sign it.
  expirationSeconds*:8:i32
    # Wanted life of the certificate. The signer may give another.
  usages:5:[]s(atomic;enum=any,cert~sign,client~auth,code~signing,content~commitment,crl~sign,data~encipherment,
    decipher~only,digital~signature,email~protection,encipher~only,ipsec~end~system,ipsec~tunnel,ipsec~user,
    key~agreement,key~encipherment,microsoft~sgc,netscape~sgc,ocsp~signing,s/mime,server~auth,signing,timestamping)
    # What the key is used for, such as client auth.
  username:2:s
    # User who asked. The server sets it.
  uid:3:s
    # UID of the user who asked. The server sets it.
  groups:4:[]s(atomic)
    # Groups of the user who asked. The server sets them.
  extra:6:{}[]s(wrapped)
    # Further facts about the user who asked. The server sets them.

CertificateSigningRequestStatus
  # What became of a request.
  conditions:1:[]CertificateSigningRequestCondition(map=type)
    # Whether it was approved, denied, or has failed.
  certificate:2:bytes(atomic)
    # The certificate with its chain, in PEM.
`;
