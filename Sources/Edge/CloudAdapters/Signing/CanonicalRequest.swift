/// A request in the one form over which client and service compute its signature.
///
/// Source: "Create a signed AWS API request", AWS Identity and Access Management, steps 1 and 2.
struct CanonicalRequest {
    let text: String
    /// The names of what is signed of the head, joined by semicolons.
    let signedHeaders: String

    /// - Parameters:
    ///   - headers: all of them, the host and the date included.
    ///   - payload: the digest of the body, in hexadecimal.
    init(_ request: CloudRequest, for service: CloudService, headers: [CloudRequest.Field], payload: String) {
        var values: [String: [String]] = [:]
        for header in headers { values[header.name.lowercased(), default: []].append(Self.trimmed(header.value)) }
        let names = values.keys.sorted()
        signedHeaders = names.joined(separator: ";")
        let lines = names.map { "\($0):\(values[$0, default: []].joined(separator: ","))\n" }.joined()
        text = [
            request.method.rawValue, Self.path(request.path, for: service), request.encodedQuery, lines, signedHeaders,
            payload,
        ].joined(separator: "\n")
    }

    /// S3 takes a path as it is sent, for keys may have empty and dotted segments. All other services resolve those,
    /// and encode once more.
    private static func path(_ path: String, for service: CloudService) -> String {
        let sent = PercentEncoding.path(path)
        return service.signsPathAsSent ? sent : PercentEncoding.path(resolved(sent))
    }

    /// Without empty and dotted segments (RFC 3986, section 5.2.4).
    private static func resolved(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        let isFolder = path.hasSuffix("/") && !segments.isEmpty
        return "/" + segments.joined(separator: "/") + (isFolder ? "/" : "")
    }

    /// Without spaces around it, and one where there were several.
    private static func trimmed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }
}
