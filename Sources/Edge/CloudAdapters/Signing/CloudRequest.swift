/// What is asked of a service, before it is signed.
public struct CloudRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    /// A name and its value: of the query, or a field of the head.
    public struct Field: Hashable, Sendable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var method: Method
    /// From the first slash on, as it is meant: nothing in it is encoded.
    public var path: String
    /// As they are meant, in any order; a name may be there more than once.
    public var query: [Field]
    /// Besides those that signing adds. All of them are signed.
    public var headers: [Field]
    public var body: [UInt8]

    public init(
        _ method: Method, _ path: String, query: [Field] = [], headers: [Field] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The path and the query as they are sent.
    var target: String {
        let path = PercentEncoding.path(path)
        return query.isEmpty ? path : "\(path)?\(encodedQuery)"
    }

    /// Ascending by encoded name, then by encoded value: services sign what they get in this order.
    var encodedQuery: String {
        query.map { (PercentEncoding.component($0.name), PercentEncoding.component($0.value)) }
            .sorted { $0 < $1 }
            .map { "\($0)=\($1)" }.joined(separator: "&")
    }
}
