import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Inventory
import Schema
import Steps

extension JSONWriter {
    /// The stock of one SKU as clients see it.
    mutating func value(_ stock: StockCount) {
        object { json in
            json.field("sku", stock.sku.description)
            json.field("on_hand", stock.onHand.rawValue)
            json.field("reserved", stock.reserved.rawValue)
            json.field("available", stock.available.rawValue)
            json.field("version", Int64(clamping: stock.version))
        }
    }

    mutating func value(_ stock: Versioned<Stock>) { value(StockCount(stock)) }
}

extension Response {
    init(_ stock: Versioned<Stock>) {
        var json = JSONWriter()
        json.value(stock)
        self.init(headers: [.eTag: EntityTag(version: stock.version).text], json: json)
    }

    /// A repetition has no entity tag: the stock may have changed since.
    init(_ answer: StockAnswer) {
        var json = JSONWriter()
        switch answer {
        case .changed(let count, let isRepeated):
            json.value(count)
            let tag = EntityTag(version: count.version).text
            self.init(headers: isRepeated ? [.idempotentReplayed: "true"] : [.eTag: tag], json: json)
        case .document(let text):
            json.raw(text)
            self.init(headers: [.idempotentReplayed: "true"], json: json)
        }
    }
}

/// What customers hear of the stock of a SKU.
struct AvailabilityDocument {
    let tag: EntityTag
    let json: JSONWriter

    init(_ stock: Stock) {
        var json = JSONWriter()
        json.object { json in
            json.field("sku", stock.id.description)
            json.field("available", stock.available.rawValue)
            json.field("in_stock", stock.available > 0)
        }
        self.json = json
        // Of the text: the version would tell how often the stock has moved.
        tag = EntityTag(opaque: EntityTag.digest(of: json.bytes))
    }
}

extension Response {
    init(_ availability: AvailabilityDocument) {
        self.init(headers: [.eTag: availability.tag.text], json: availability.json)
    }
}

extension Problem {
    /// Of a SKU that no product has and no stock was ever kept of.
    static var unknownSKU: Problem { Problem(.notFound, "No product of the catalogue has this SKU.") }
}

extension Response {
    init(_ answer: ReservationAnswer, of sku: SKU) {
        var json = JSONWriter()
        var headers = HTTPFields()
        switch answer {
        case .reserved(let reserved, let isRepeated):
            json.object { json in
                json.field("reservation_id", reserved.hold)
                json.field("quantity", reserved.units.rawValue)
                json.field("expires_at", reserved.until)
                json.key("inventory")
                json.value(reserved.stock)
            }
            headers[.location] = "/api/v1/inventory/\(sku.pathSegment)/reservations/\(reserved.hold)"
            if isRepeated { headers[.idempotentReplayed] = "true" }
        case .document(let text, let location):
            json.raw(text)
            headers[.location] = location
            headers[.idempotentReplayed] = "true"
        }
        self.init(status: .created, headers: headers, json: json)
    }
}

extension SKU {
    /// The SKU as one segment of a path: RFC 3986, section 2.3, leaves only unreserved characters as they are.
    var pathSegment: String {
        let hexadecimal = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension GatewayContext {
    /// The SKU in the path.
    var sku: SKU {
        get throws(Problem) { try parameter("sku") { SKU($0) } }
    }
}

extension ObjectReader {
    /// A number of units, from `least` to `most`.
    mutating func units(_ name: StaticString, from least: Int64, to most: Units = .max) -> Units? {
        integer(name, in: least...most.rawValue).flatMap { Units($0) }
    }
}

/// One line of a stock's ledger.
struct MovementDocument {
    let row: HistoryRow
    let event: Stock.Event

    init(_ row: HistoryRow) throws {
        self.row = row
        event = try Stock.decodeEvent(row.event[...])
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("version", Int64(clamping: row.version))
            json.field("at", row.time)
            if let actor = row.actor.flatMap({ CustomerID($0) }) { json.field("actor", actor) }
            switch event {
            case .received(let units, let reference):
                json.field("type", "RECEIVED")
                json.field("quantity", units.rawValue)
                if let reference { json.field("reference", reference) }
            case .adjusted(let delta, let reason):
                json.field("type", "ADJUSTED")
                json.field("delta", delta)
                json.field("reason", reason.code)
                if case .other(let note) = reason { json.field("note", note) }
            case .reserved(let id, let units, let until):
                json.field("type", "RESERVED")
                write(id, units, to: &json)
                if let until { json.field("until", until) }
            case .released(let id, let units):
                json.field("type", "RELEASED")
                write(id, units, to: &json)
            case .expired(let id, let units):
                json.field("type", "EXPIRED")
                write(id, units, to: &json)
            case .fulfilled(let id, let units):
                json.field("type", "FULFILLED")
                write(id, units, to: &json)
            case .restocked(let units, let order):
                json.field("type", "RESTOCKED")
                write(.order(order), units, to: &json)
            }
        }
    }

    private func write(_ id: ReservationID, _ units: Units, to json: inout JSONWriter) {
        json.field("reservation_id", id.description)
        json.field("quantity", units.rawValue)
    }
}

extension StockRefusal: ProblemConvertible {
    public var problem: Problem { problem(quantity: "/quantity") }

    /// - Parameter quantity: where the request says how many.
    func problem(quantity: String) -> Problem {
        switch self {
        case .keyReused: KeyReused().problem
        case .unknownSKU: .unknownSKU
        case .condition(let failure): failure.problem
        case .stock(let refusal): refusal.problem(quantity: quantity)
        }
    }
}

extension ReceiptRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .unknownSKU: .unknownSKU
        case .hasMoved(let onHand):
            Problem(.stockChanged, "The stock of this SKU has moved before.") { $0.field("on_hand", onHand.rawValue) }
        case .stock(let refusal): refusal.problem
        }
    }
}

extension Stock.Command {
    /// Where a request says how many units it is about.
    var quantityPointer: String {
        switch self {
        case .adjust: "/delta"
        case .set: "/on_hand"
        case .receive, .reserve, .release, .fulfill, .restock, .expire: "/quantity"
        }
    }
}

extension Stock.Refusal: ProblemConvertible {
    public var problem: Problem { problem(quantity: "/quantity") }

    /// - Parameter quantity: where the request says how many.
    fileprivate func problem(quantity: String) -> Problem {
        switch self {
        case .insufficientStock(let available):
            Problem(.insufficientStock, "\(available) are available.") { $0.field("available", available.rawValue) }
        case .reservationNotHeld: Problem(.notFound, "There is no such reservation, or it has lapsed.")
        case .reservationConflict(let units): Problem(.conflict, "The reservation is for \(units) units.")
        case .stale(let onHand):
            Problem(.stockChanged, "\(onHand) are on hand.") { $0.field("on_hand", onHand.rawValue) }
        case .wouldGoBelowReserved(let reserved):
            Problem(
                .conflict,
                reserved == .zero
                    ? "Fewer than none would be left." : "Fewer would be left than the \(reserved) that are reserved.")
        case .quantityZero: .field(quantity, "must not be zero")
        case .deadlinePassed: .field("/expires_in", "must be in the future")
        case .limitExceeded(.onHand):
            Problem(
                .amountOutOfRange, "More than \(Units.max) would be on hand.",
                errors: [FieldError(pointer: quantity, detail: "would bring more than \(Units.max) on hand")])
        case .limitExceeded(.holds):
            Problem(.conflict, "The SKU has \(Stock.holdsMax) reservations, which is the limit.")
        case .limitExceeded(.reference): .field("/reference", "is too long or has control characters")
        case .limitExceeded(.note): .field("/note", "is too long or has control characters")
        }
    }
}
