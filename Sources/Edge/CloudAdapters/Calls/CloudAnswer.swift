import NIOCore
import NIOHTTP1

/// A service's answer that it did what was asked.
struct CloudAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    func header(_ name: String) -> String? { headers.first(name: name) }
}

extension CloudRefusal {
    /// What the head and the body of an answer say, as XML or as JSON, whichever the service speaks.
    init(_ answer: CloudAnswer) {
        status = answer.status
        let text = String(decoding: answer.body.prefix(Self.bytesMax), as: UTF8.self)
        let json = JSONRefusal(text)
        let named = json?.code ?? XMLText.first("Code", in: text) ?? answer.header("x-amzn-errortype") ?? ""
        // `com.amazonaws.…#Name`, `Name:http://…`
        code = String(named.split(separator: "#").last?.split(separator: ":").first ?? "")
        message = String((json?.message ?? XMLText.first("Message", in: text) ?? "").prefix(Self.messageMax))
    }

    /// More is the page of some proxy.
    private static let bytesMax = 16 << 10
    private static let messageMax = 300
}
