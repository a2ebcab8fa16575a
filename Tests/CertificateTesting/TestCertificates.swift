/// Certificates and keys in PEM form, which no program uses but the tests.
public enum TestCertificates {
    /// For localhost and first.example, until 2120; made for these tests and signed by itself.
    public static let first = """
        -----BEGIN CERTIFICATE-----
        MIIBXTCCAQKgAwIBAgIUabUeQLqtAPJKWjZ2iOyOH8Sa/z8wCgYIKoZIzj0EAwIw
        EDEOMAwGA1UEAwwFZmlyc3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw
        MDBaMBAxDjAMBgNVBAMMBWZpcnN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        8h2o48Yn1irTnz9F2NX3x1WYC74tBfkIlqszU+A0hosMrAUWnc7buGVpOdrxdTMu
        fk+NKTgpcZ33zfMxoTUYHKM4MDYwIwYDVR0RBBwwGoIJbG9jYWxob3N0gg1maXJz
        dC5leGFtcGxlMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhALZt
        cJGZak8VZSnIvXkeJKQS3LTHPQVvSeGCHWZCsNnLAiEAhplMO/8MYMJEkta4Buj0
        HZ4G0sul0HEHZ360diHrmaY=
        -----END CERTIFICATE-----

        """

    /// The key of `first` and of `expired`. It opens nothing but these tests.
    public static let firstKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgw/oVGw9t8Cbr+hcw
        JNqVPyObD7tuBOk4a2wdP1xfgA6hRANCAATyHajjxifWKtOfP0XY1ffHVZgLvi0F
        +QiWqzNT4DSGiwysBRadztu4ZWk52vF1My5+T40pOClxnffN8zGhNRgc
        -----END PRIVATE KEY-----

        """

    /// For localhost and second.example, until 2120.
    public static let second = """
        -----BEGIN CERTIFICATE-----
        MIIBYDCCAQWgAwIBAgIUE0NkMXe8wIWVr3o/0mptD6MYSbUwCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGc2Vjb25kMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAw
        MDAwWjARMQ8wDQYDVQQDDAZzZWNvbmQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AASN3V796U25g1BogWlBqi46bL5lZcjZ5Kgu582CvQ6i5ZtyZROh71kVR2s0QoM8
        NllwVJBx0lwuDzQ0Ia6aoJXbozkwNzAkBgNVHREEHTAbgglsb2NhbGhvc3SCDnNl
        Y29uZC5leGFtcGxlMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIh
        AOfySAF/aqU+MFRadr0RBtE6Wf9sKjSSlI4aOzGazZvFAiEAq4FTkz/cp/KT4BLb
        NvSitwVtbm/8vMaPu9L557C91nE=
        -----END CERTIFICATE-----

        """

    /// The key of `second`.
    public static let secondKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqasvnxQfT7My28x7
        0HGwfOs7VIfKvbK3VsDCkPWilfihRANCAASN3V796U25g1BogWlBqi46bL5lZcjZ
        5Kgu582CvQ6i5ZtyZROh71kVR2s0QoM8NllwVJBx0lwuDzQ0Ia6aoJXb
        -----END PRIVATE KEY-----

        """

    /// Ended with the year 2020.
    public static let expired = """
        -----BEGIN CERTIFICATE-----
        MIIBYTCCAQagAwIBAgIUB+dS0PoqfsAWwiFdRM48mJzuZN4wCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHZXhwaXJlZDAeFw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAw
        MDBaMBIxEDAOBgNVBAMMB2V4cGlyZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AATyHajjxifWKtOfP0XY1ffHVZgLvi0F+QiWqzNT4DSGiwysBRadztu4ZWk52vF1
        My5+T40pOClxnffN8zGhNRgcozowODAlBgNVHREEHjAcgglsb2NhbGhvc3SCD2V4
        cGlyZWQuZXhhbXBsZTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYC
        IQCm1Y1rOstrY2W33vBiaBV3Nznaf+UKG4ZYKkX9yP3SzAIhAMLb6zJD7acrRh2p
        DF79OsjOHKTXrEa/HKumRUspMOZW
        -----END CERTIFICATE-----

        """
}
