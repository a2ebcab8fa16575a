import NIOHTTP1

/// The fields of a request of HTTP/1 that decide where it ends and for whom it is, and whether it may be turned away,
/// found in one pass.
struct HeadFields {
    private(set) var hasUpgrade = false
    private(set) var hasOrigin = false
    private(set) var hasExpectation = false
    /// Bytes of the body, where it tells its length.
    private(set) var contentLength = 0
    /// The client's own name for the request, as it came.
    private(set) var requestID: String?
    private var hosts = 0
    private var isHostValid = true
    private var codings: String?

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // Few names have these lengths; the others are not compared.
            switch name.utf8.count {
            case 4 where name.lowercased() == "host":
                hosts += 1
                isHostValid = isHostValid && HostField.isValid(value)
            case 6:
                switch name.lowercased() {
                case "origin": hasOrigin = true
                case "expect": hasExpectation = true
                default: break
                }
            case 7 where name.lowercased() == "upgrade": hasUpgrade = true
            case 12 where name.lowercased() == "x-request-id": requestID = value
            case 14 where name.lowercased() == "content-length": contentLength = Int(value) ?? 0
            case 17 where name.lowercased() == "transfer-encoding":
                codings = codings.map { $0 + "," + value } ?? value
            default: break
            }
        }
    }

    func fault(in version: HTTPVersion) -> RequestFault? {
        if hosts > 1 { return .hostTwice }
        if hosts == 0, version.minor > 0 { return .hostMissing }
        if !isHostValid { return .hostInvalid }
        guard let codings else { return nil }
        if version.minor == 0 { return .codingOfHTTP10 }
        let names = codings.lowercased().split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        if names == ["chunked"] { return nil }
        // Where such a body ends cannot be told.
        guard names.last == "chunked", names.count(where: { $0 == "chunked" }) == 1 else { return .chunkedWrongly }
        return .codingUnknown
    }
}
