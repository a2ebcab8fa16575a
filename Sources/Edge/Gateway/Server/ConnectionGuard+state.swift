import HTTPTypes

extension ConnectionGuard {
    /// What is coming from the client.
    enum Incoming {
        case nothing, header, body
    }

    enum Closing {
        case no
        /// The last answer is being sent, or read by the client, since that moment.
        case lingering(since: Int64)
    }

    /// The head of an answer with which the connection ends.
    static func last(_ head: HTTPResponse) -> HTTPResponse {
        var head = head
        head.headerFields[.connection] = "close"
        return head
    }
}

extension HTTPRequest {
    /// Whether the client waits to be asked for the body (RFC 9110, section 10.1.1).
    var expectsContinue: Bool { headerFields[.expect]?.lowercased() == "100-continue" }
}
