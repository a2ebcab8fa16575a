/// Base 64 without padding (RFC 4648), read strictly: one text for one value.
enum Base64 {
    /// `-` and `_`: JWTs, refresh tokens. RFC 4648, section 5.
    static let url = Alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    /// `+` and `/`: PHC hash strings.
    static let standard = Alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    struct Alphabet: Sendable {
        private let characters: [UInt8]
        private let values: [UInt8]

        init(_ text: StaticString) {
            characters = [UInt8]("\(text)".utf8)
            var values = [UInt8](repeating: 255, count: 256)
            for (value, character) in characters.enumerated() { values[Int(character)] = UInt8(value) }
            self.values = values
        }

        func encode(_ bytes: some Sequence<UInt8>) -> String {
            var text: [UInt8] = []
            var pending: UInt32 = 0
            var bits = 0
            for byte in bytes {
                pending = pending << 8 | UInt32(byte)
                bits += 8
                while bits >= 6 {
                    bits -= 6
                    text.append(characters[Int(pending >> UInt32(bits)) & 63])
                }
            }
            if bits > 0 { text.append(characters[Int(pending << UInt32(6 - bits)) & 63]) }
            return String(decoding: text, as: UTF8.self)
        }

        /// Nil for foreign characters, padding, impossible lengths and left-over bits that are not zero.
        func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
            var bytes: [UInt8] = []
            var pending: UInt32 = 0
            var bits = 0
            for character in text {
                let value = values[Int(character)]
                guard value < 64 else { return nil }
                pending = pending << 6 | UInt32(value)
                bits += 6
                if bits >= 8 {
                    bits -= 8
                    bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
                }
            }
            guard bits < 6, pending & (1 << UInt32(bits) - 1) == 0 else { return nil }
            return bytes
        }
    }
}

extension [UInt8] {
    /// Fresh bytes of the system's generator, fit for secrets.
    static func random(count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        while bytes.count < count {
            Swift.withUnsafeBytes(of: generator.next() as UInt64) {
                bytes.append(contentsOf: $0.prefix(count - bytes.count))
            }
        }
        return bytes
    }
}
