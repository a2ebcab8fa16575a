import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Changes a product of the catalogue.
public struct ChangeProduct: ShardStep {
    public let id: ProductID
    /// Any but `create`, and what sales and returns record.
    public let command: Product.Command
    /// Units on hand of SKUs that are new to the product: see `CreateProduct`.
    public let stocked: [SKUUnits]
    /// Compared with the revision of the details that are there.
    public let conditions: Preconditions

    public init(
        _ id: ProductID, _ command: Product.Command, stocked: [SKUUnits] = [],
        if conditions: Preconditions = Preconditions()
    ) {
        self.id = id
        self.command = command
        self.stocked = stocked
        self.conditions = conditions
    }

    public static var number: StepNumber { StepNumber(rawValue: 8) }
    public var slot: Slot { id.slot }

    public func run(in batch: Batch) throws(CatalogueRefusal) -> ProductAnswer {
        guard let details = batch.read(Product.self, id).state.details else { throw .product(.notCreated) }
        do throws(ConditionFailure) {
            try conditions.compare(.revision(ProductRevision(details).description))
        } catch { throw .condition(error) }
        try batch.change(id, command, stocked: stocked.byName)
        return ProductAnswer(product: batch.read(Product.self, id), isRepeated: false)
    }
}

/// What people have written about a product, as a digest: it changes with the details and not with what is sold, so
/// that a member of staff who edits a product that sells well need not win a race against its customers.
public struct ProductRevision: Equatable, CustomStringConvertible {
    public let description: String

    public init(_ details: Product.Details) {
        var writer = RecordWriter()
        writer.write(details)
        description = EntityTag.digest(of: writer.bytes)
    }
}

// MARK: - Bytes

extension ChangeProduct {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id)
            writer.write(command)
            writer.writeArray(stocked) { $0.write($1) }
            writer.write(conditions)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            ChangeProduct(
                try fields.identifier(ProductID.self), try fields.productCommand(),
                stocked: try fields.stocked(productsMax: 1), if: try fields.preconditions())
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ command: Product.Command) {
        switch command {
        case .update(let details):
            append(1)
            write(details)
        case .setPrice(let sku, let price):
            append(2)
            write(sku)
            write(price)
        case .activate: append(3)
        case .deactivate: append(4)
        case .create, .recordUnitsSold, .recordUnitsReturned:
            preconditionFailure("\(command) is no command of this step")
        }
    }
}

extension FieldReader {
    fileprivate mutating func productCommand() throws(MalformedBytes) -> Product.Command {
        switch try byte() {
        case 1: .update(try details(isBounded: true))
        case 2: .setPrice(try sku(), try money())
        case 3: .activate
        case 4: .deactivate
        default: throw malformed("no such command of a change of a product")
        }
    }
}
