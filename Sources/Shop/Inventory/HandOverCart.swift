import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Gives what is in a guest's cart to an account: the first half of a merge. It may be asked for again, for the same
/// account, until the second half (`MergeCart`) is done.
public struct HandOverCart: ShardStep {
    public let guest: CustomerID
    public let customer: CustomerID

    public init(of guest: CustomerID, to customer: CustomerID) {
        self.guest = guest
        self.customer = customer
    }

    public static var number: StepNumber { StepNumber(rawValue: 33) }
    public var slot: Slot { guest.slot }

    /// For so long the lines are told again: half as long as the key of the merge is remembered, so that they are never
    /// put in twice, be the clocks of two shards hours apart.
    static let repeatMax = Duration.seconds(12 * 3_600)

    public func run(in batch: Batch) throws(CartRefusal) -> HandedOverLines {
        do throws(Cart.Refusal) {
            try batch.decide(Cart.self, guest, .handOver(to: customer))
        } catch { throw .cart(error) }
        let cart = batch.read(Cart.self, guest).state
        guard let handover = cart.handover, batch.now.since(handover.at) < Self.repeatMax else {
            return HandedOverLines(lines: [])
        }
        return HandedOverLines(lines: cart.lines)
    }
}

/// What an account gets out of a guest's cart.
public struct HandedOverLines: WireCodable, Hashable {
    /// At most `Cart.linesMax`.
    public let lines: [CartLine]
}

// MARK: - Bytes

extension HandOverCart {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(guest)
            writer.write(customer)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            HandOverCart(
                of: try fields.identifier(CustomerID.self), to: try fields.identifier(CustomerID.self))
        }
    }
}

extension HandedOverLines {
    public func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(lines) } }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            HandedOverLines(lines: try fields.cartLines())
        }
    }
}

extension RecordWriter {
    mutating func write(_ lines: [CartLine]) {
        writeArray(lines) { writer, line in
            writer.write(line.sku)
            writer.write(line.quantity)
        }
    }
}

extension FieldReader {
    mutating func cartLines() throws(MalformedBytes) -> [CartLine] {
        try array(bytesMin: 3, countMax: Cart.linesMax) { f throws(MalformedBytes) in
            CartLine(sku: try f.sku(), quantity: try f.units())
        }
    }
}
