import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Puts what was in a guest's cart into an account's, once: the second half of a merge (`HandOverCart`).
public struct MergeCart: ShardStep {
    public let customer: CustomerID
    public let lines: [CartLine]
    /// Of the guest: a merge that is asked for again is answered from it.
    public let key: StepKey

    public init(_ lines: [CartLine], into customer: CustomerID, key: StepKey) {
        self.lines = lines
        self.customer = customer
        self.key = key
    }

    public static var number: StepNumber { StepNumber(rawValue: 34) }
    public var slot: Slot { customer.slot }

    public func run(in batch: Batch) throws(CartRefusal) -> MergeAnswer {
        if let kept = try batch.kept(under: key, refusing: CartRefusal.self) {
            return MergeAnswer(
                cart: batch.read(Cart.self, customer),
                cuts: kept.value { fields throws(MalformedBytes) in try fields.cuts() }, isRepeated: true)
        }
        let merge = CartMerge(of: lines, into: batch.read(Cart.self, customer).state)
        do throws(Cart.Refusal) {
            try batch.decide(Cart.self, customer, .merge(lines))
        } catch { throw .cart(error) }
        if !lines.isEmpty { batch.keep(KeptAnswer.bytes { $0.write(merge.cuts) }, under: key) }
        return MergeAnswer(cart: batch.read(Cart.self, customer), cuts: merge.cuts, isRepeated: false)
    }
}

/// A cart into which another has come.
public struct MergeAnswer: WireCodable {
    public let cart: Versioned<Cart>
    /// The lines of which not everything went in.
    public let cuts: [CartMerge.Cut]
    /// Whether it had come before; the cart is as it is now, the cuts as they were then.
    public let isRepeated: Bool
}

// MARK: - Bytes

extension MergeCart {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(customer)
            writer.write(lines)
            writer.write(key)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let customer = try fields.identifier(CustomerID.self)
            return MergeCart(try fields.cartLines(), into: customer, key: try fields.stepKey())
        }
    }
}

extension MergeAnswer {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(isRepeated)
            writer.write(cuts)
            writer.write(cart.state.id)
            writer.write(cart.encoded())
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let (isRepeated, cuts) = (try fields.bool(), try fields.cuts())
            let customer = try fields.identifier(CustomerID.self)
            return MergeAnswer(
                cart: try Versioned(row: try fields.blob(), id: customer), cuts: cuts, isRepeated: isRepeated)
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ cuts: [CartMerge.Cut]) {
        writeArray(cuts) { writer, cut in
            writer.write(cut.sku)
            writer.write(cut.wanted)
            writer.write(cut.quantity)
        }
    }
}

extension FieldReader {
    fileprivate mutating func cuts() throws(MalformedBytes) -> [CartMerge.Cut] {
        try array(bytesMin: 4, countMax: Cart.linesMax) { f throws(MalformedBytes) in
            CartMerge.Cut(sku: try f.sku(), wanted: try f.units(), quantity: try f.units())
        }
    }
}
