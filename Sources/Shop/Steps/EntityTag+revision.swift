import Crypto

/// Tags of answers that say more than what people have written, such as today's price or the units sold.
///
/// The first part, the *revision*, changes with what people write; a change with `If-Match` must name that one. The
/// second changes with the whole answer, so that a client's copy is current only if all of it is.
extension EntityTag {
    /// - Parameter body: the answer.
    package init(revision: String, of body: [UInt8]) {
        self.init(opaque: "\(revision)-\(Self.digest(of: body))")
    }

    /// 64 bits of SHA-256 in hexadecimal: texts that differ by accident do not meet in them.
    package static func digest(of bytes: [UInt8]) -> String {
        let hexadecimal = Array("0123456789abcdef".utf8)
        var digits: [UInt8] = []
        for byte in SHA256.hash(data: bytes).prefix(8) {
            digits += [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
