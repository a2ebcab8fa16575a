import Commerce
import EventSourcing
import Wire

extension RecordWriter {
    mutating func write(_ line: RefundLine) {
        writeVarint(UInt64(line.line))
        write(line.quantity)
        write(line.restock)
    }

    mutating func write(_ refund: Refund) {
        switch refund.scope {
        case .remainder: append(1)
        case .amount: append(2)
        case .lines(let lines):
            append(3)
            writeArray(lines) { $0.write($1) }
        }
        writeSigned(refund.amount)
        write(refund.updatedAt)
        writeOptional(refund.confirmation) { $0.write($1) }
    }
}

extension FieldReader {
    mutating func refundLine() throws(MalformedBytes) -> RefundLine {
        RefundLine(line: try position(), quantity: try units(), restock: try bool())
    }

    mutating func refund() throws(MalformedBytes) -> Refund {
        let scope: Refund.Scope =
            switch try byte() {
            case 1: .remainder
            case 2: .amount
            case 3: .lines(try array(bytesMin: 3) { f throws(MalformedBytes) in try f.refundLine() })
            default: throw malformed("no such scope of a refund")
            }
        return Refund(
            scope: scope, amount: try signed(), updatedAt: try timestamp(),
            confirmation: try optional { f throws(MalformedBytes) in try f.reference(RefundID.self) })
    }

    /// A number that counts the elements of a list.
    package mutating func position() throws(MalformedBytes) -> Int {
        guard let position = Int(exactly: try varint()) else { throw malformed("a position beyond every list") }
        return position
    }
}
