import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Changes a customer's cart, once for each key. A repeated one is answered with the cart as it now is: nothing of a
/// cart is kept in a key.
public struct ChangeCart: KeyedStep {
    public let customer: CustomerID
    /// One of those that a customer gives; the others are part of other records.
    public let command: Cart.Command
    /// Compared with the version of the cart.
    public let conditions: Preconditions
    public let key: StepKey?

    public init(
        of customer: CustomerID, _ command: Cart.Command, if conditions: Preconditions = Preconditions(),
        key: StepKey? = nil
    ) {
        self.customer = customer
        self.command = command
        self.conditions = conditions
        self.key = key
    }

    public static var number: StepNumber { StepNumber(rawValue: 2) }
    public var slot: Slot { customer.slot }

    public func run(in batch: Batch) throws(CartRefusal) -> CartAnswer { try run(in: batch, forGuest: false) }

    func run(in batch: Batch, forGuest isGuests: Bool) throws(CartRefusal) -> CartAnswer {
        if try kept(in: batch) != nil {
            return CartAnswer(cart: batch.read(Cart.self, customer), isRepeated: true)
        }
        do throws(ConditionFailure) {
            try conditions.compare(.revision("\(batch.look(at: Cart.self, customer) { $0.version })"))
        } catch { throw .condition(error) }
        do throws(Cart.Refusal) {
            if isGuests { try batch.decide(Cart.self, customer, .openForGuest) }
            try batch.decide(Cart.self, customer, command)
        } catch { throw .cart(error) }
        batch.keep([], under: key)
        return CartAnswer(cart: batch.read(Cart.self, customer), isRepeated: false)
    }
}

/// The cart after a change.
public struct CartAnswer: WireCodable {
    public let cart: Versioned<Cart>
    /// Whether the change had been made before, under the same key.
    public let isRepeated: Bool
}

/// Why a cart was not changed.
public enum CartRefusal: KeyedRefusal, Equatable {
    /// The key stands for another request.
    case keyReused
    case condition(ConditionFailure)
    case cart(Cart.Refusal)

    public var isKept: Bool { if case .cart = self { true } else { false } }
}

// MARK: - Bytes

extension ChangeCart {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(customer)
            writer.write(command)
            writer.write(conditions)
            writer.writeOptional(key)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            ChangeCart(
                of: try fields.identifier(CustomerID.self), try fields.cartCommand(), if: try fields.preconditions(),
                key: try fields.optionalStepKey())
        }
    }
}

extension CartAnswer {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(isRepeated)
            writer.write(cart.state.id)
            writer.write(cart.encoded())
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let (isRepeated, customer) = (try fields.bool(), try fields.identifier(CustomerID.self))
            return CartAnswer(cart: try Versioned(row: try fields.blob(), id: customer), isRepeated: isRepeated)
        }
    }
}

extension CartRefusal {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .keyReused: writer.append(1)
            case .condition(let failure):
                writer.append(2)
                writer.write(failure)
            case .cart(.tooManyLines): writer.append(3)
            case .cart(.quantityTooLarge): writer.append(4)
            case .cart(.quantityZero): writer.append(5)
            case .cart(.handedOver): writer.append(6)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .keyReused
            case 2: .condition(try fields.conditionFailure())
            case 3: .cart(.tooManyLines)
            case 4: .cart(.quantityTooLarge)
            case 5: .cart(.quantityZero)
            case 6: .cart(.handedOver)
            default: throw fields.malformed("no such refusal of a cart")
            }
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ command: Cart.Command) {
        switch command {
        case .setItem(let sku, let quantity):
            append(1)
            write(sku)
            write(quantity)
        case .addItem(let sku, let quantity):
            append(2)
            write(sku)
            write(quantity)
        case .removeItem(let sku):
            append(3)
            write(sku)
        case .clear: append(4)
        case .takeOut, .openForGuest, .handOver, .merge:
            preconditionFailure("no command of this step: it goes with another record")
        }
    }
}

extension FieldReader {
    fileprivate mutating func cartCommand() throws(MalformedBytes) -> Cart.Command {
        switch try byte() {
        case 1: .setItem(try sku(), try units())
        case 2: .addItem(try sku(), try units())
        case 3: .removeItem(try sku())
        case 4: .clear
        default: throw malformed("no such command of a change of a cart")
        }
    }
}
