import NIOCore

/// Reads a gateway's answers on one connection as far as a load looks at them: status, length, and whether the
/// connection goes on.
///
/// A load shares the machine with what it measures. Reading an answer in all its parts took longer than the node took
/// to refuse the request.
struct LoadAnswers {
    struct Answer: Equatable {
        let status: Int
        let keepsAlive: Bool
    }

    enum Fault: Error, Equatable {
        case notHTTP
        case headTooLarge
        /// Its end is not told by `Content-Length`, as that of every answer to a load is.
        case lengthUnknown
    }

    /// A gateway's are 600 bytes.
    static let headBytesMax = 64 << 10

    private struct Head {
        var answer: Answer
        var contentLength: Int
    }

    private var bytes = ByteBuffer()
    /// Of the answer whose content is coming.
    private var head: Head?

    mutating func take(_ new: ByteBuffer) {
        var new = new
        if bytes.readableBytes == 0 { bytes = new } else { bytes.writeBuffer(&new) }
    }

    /// The next answer that is there as a whole; nil until more has come.
    mutating func next() throws(Fault) -> Answer? {
        while head == nil {
            guard let (head, length) = try Self.head(bytes.readableBytesView) else {
                guard bytes.readableBytes <= Self.headBytesMax else { throw .headTooLarge }
                return nil
            }
            bytes.moveReaderIndex(forwardBy: length)
            // An interim answer is followed by the one that counts.
            if head.answer.status >= 200 { self.head = head }
        }
        guard let whole = head, whole.contentLength <= bytes.readableBytes else { return nil }
        bytes.moveReaderIndex(forwardBy: whole.contentLength)
        head = nil
        return whole.answer
    }

    /// The head at the beginning of `bytes`, and its length; nil where it is not there as a whole.
    private static func head(_ bytes: ByteBufferView) throws(Fault) -> (Head, length: Int)? {
        guard var (line, rest) = nextLine(bytes) else { return nil }
        guard line.count >= 12, line.starts(with: "HTTP/1.".utf8), let status = number(line.dropFirst(9).prefix(3))
        else { throw .notHTTP }
        let isHTTP11 = line[line.startIndex + 7] == UInt8(ascii: "1")
        var (keepsAlive, contentLength): (Bool, Int?) = (isHTTP11, nil)
        while true {
            guard let next = nextLine(rest) else { return nil }
            (line, rest) = next
            if line.isEmpty { break }
            if let value = value(of: "content-length", in: line) {
                contentLength = number(value)
            } else if let value = value(of: "connection", in: line) {
                keepsAlive = value.elementsEqual("keep-alive".utf8) || isHTTP11 && !value.elementsEqual("close".utf8)
            }
        }
        if status < 200 || status == 204 || status == 304 { contentLength = 0 }
        guard let contentLength else { throw .lengthUnknown }
        let head = Head(answer: Answer(status: status, keepsAlive: keepsAlive), contentLength: contentLength)
        return (head, rest.startIndex - bytes.startIndex)
    }

    private static func nextLine(_ bytes: ByteBufferView) -> (line: ByteBufferView, rest: ByteBufferView)? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let isReturned = end > bytes.startIndex && bytes[end - 1] == UInt8(ascii: "\r")
        return (bytes[bytes.startIndex..<(isReturned ? end - 1 : end)], bytes[(end + 1)...])
    }

    /// What follows a field's name, which is written in small letters here.
    private static func value(of name: StaticString, in line: ByteBufferView) -> ByteBufferView? {
        let length = name.utf8CodeUnitCount
        guard line.count > length, line[line.startIndex + length] == UInt8(ascii: ":") else { return nil }
        let names = UnsafeBufferPointer(start: name.utf8Start, count: length)
        guard zip(line, names).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { return nil }
        let value = line[(line.startIndex + length + 1)...]
        return value[(value.firstIndex { $0 != UInt8(ascii: " ") } ?? value.endIndex)...]
    }

    private static func number(_ digits: some Collection<UInt8>) -> Int? {
        guard (1...9).contains(digits.count) else { return nil }
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return number
    }
}
