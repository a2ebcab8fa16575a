/// Where a request stands in a distributed trace. W3C Trace Context, level 1.
public struct TraceContext: Equatable, Sendable, CustomStringConvertible {
    /// 16 bytes, in two halves; not both zero.
    public let trace: (high: UInt64, low: UInt64)
    /// The span that this context names; not zero.
    public let span: UInt64
    public let isSampled: Bool

    /// Reads a `traceparent`; nil for what is none. Of later versions, the part that version 00 has is read.
    public init?(_ text: String) {
        let bytes = ArraySlice(text.utf8)
        guard bytes.count >= 55, bytes[2] == UInt8(ascii: "-"), bytes[35] == UInt8(ascii: "-"),
            bytes[52] == UInt8(ascii: "-"),
            let version = Self.number(bytes[0..<2]), version != 0xff,
            bytes.count == 55 || version > 0 && bytes[55] == UInt8(ascii: "-"),
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]), high | low != 0,
            let span = Self.number(bytes[36..<52]), span != 0, let flags = Self.number(bytes[53..<55])
        else { return nil }
        self.init(trace: (high, low), span: span, isSampled: flags & 1 == 1)
    }

    init(trace: (high: UInt64, low: UInt64), span: UInt64, isSampled: Bool) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
    }

    /// Our part of the same trace.
    public func child() -> TraceContext {
        TraceContext(trace: trace, span: .random(in: 1 ... .max), isSampled: isSampled)
    }

    /// The trace's 32 hexadecimal digits.
    public var traceID: String {
        var bytes: [UInt8] = []
        Self.append(trace.high, to: &bytes)
        Self.append(trace.low, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The `traceparent` to send on.
    public var description: String {
        var bytes = [UInt8]("00-".utf8)
        bytes.reserveCapacity(55)
        Self.append(trace.high, to: &bytes)
        Self.append(trace.low, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(span, to: &bytes)
        bytes.append(contentsOf: isSampled ? "-01".utf8 : "-00".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.trace == right.trace && left.span == right.span && left.isSampled == right.isSampled
    }

    /// Lower-case digits only, as the specification has it.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard let four = JSONString.hexadecimalDigit(digit), !(0x41...0x46).contains(digit) else { return nil }
            value = value << 4 | UInt64(four)
        }
        return value
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            bytes.append(Hexadecimal.digits[Int(value >> shift & 15)])
        }
    }
}
