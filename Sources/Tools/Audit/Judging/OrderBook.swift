import Commerce
import EventSourcing

/// What an event of an order asks of the stock of its lines.
enum StockDemand {
    /// The claims are given up.
    case release
    /// The units leave.
    case fulfil
    /// Units that had left come back.
    case bringBack([SKUUnits])
}

extension Order.Event {
    /// The one place that says what each event means for the stock, told apart from the rules that bring it about.
    ///
    /// - Parameter order: the order after the event. What is left behind a refund of the remainder stays what it is.
    func demand(of order: Order) -> StockDemand? {
        switch self {
        case .rejected, .cancelled(_, _, restock: false, _): .release
        case .fulfilled: .fulfil
        case .cancelled(_, _, restock: true, _), .refundRequested(_, restock: true, _): .bringBack(order.holdsLeft)
        case .partRefundRequested(_, let lines, _, _): .bringBack(order.unitsRestocked(by: lines))
        default: nil
        }
    }
}

/// What one order asked of the stock, and what the events of the stock say was done for it, until both are the same.
struct OrderBook: Sendable {
    /// What happened to the units of one SKU.
    struct Moves: Sendable {
        var reserved: Int64 = 0
        var released: Int64 = 0
        var taken: Int64 = 0
        var back: Int64 = 0
        /// How often it was held.
        var holds = 0

        var standing: Int64 { reserved - released - taken }
    }

    /// What is to come back, and the record that says so.
    struct Return: Sendable {
        let index: LogIndex
        let sku: SKU
        let units: Int64
    }

    /// The record of the order that ended it, when its earlier books were closed: its units had left or been given up,
    /// as they should be. A driver that does not know yet may hold units once more, until another shard has followed.
    private let endedBefore: LogIndex?
    private(set) var release: LogIndex?
    private(set) var fulfil: LogIndex?
    /// The record that says that it is paid.
    var paid: LogIndex?
    private(set) var returns: [Return] = []
    var moves = SmallMap<SKU, Moves>()

    init(endedBefore: LogIndex?) { self.endedBefore = endedBefore }

    private var isReopened: Bool { endedBefore != nil }

    /// The record after which nothing is held any more; nil while that is not known.
    var end: LogIndex? { release ?? fulfil ?? endedBefore }

    mutating func note(_ demand: StockDemand, at index: LogIndex) {
        switch demand {
        case .release: release = index
        case .fulfil: fulfil = index
        case .bringBack(let units):
            returns += units.map { Return(index: index, sku: $0.sku, units: $0.units.rawValue) }
        }
    }

    /// What is wrong with the moves of one SKU, in words, and what may have brought it about but damage.
    struct Mismatch {
        enum Cause {
            case damage
            /// The log of the stock ends before the record that holds the units.
            case stockBehind
            /// The log of the order ends before the record that asks for what was done.
            case orderBehind
            /// Which record ended the order is not known any more.
            case endUnknown
        }

        let what: String
        let cause: Cause

        init(_ what: String, _ cause: Cause = .damage) {
            self.what = what
            self.cause = cause
        }
    }

    /// What the logs know about one SKU of the order.
    struct Line {
        let sku: SKU
        /// What the order wants of it.
        let wanted: Int64
        /// What happened to its units; nil when nothing did.
        let moves: Moves?
        /// Whether all that was ever done is known.
        let isWhole: Bool
        /// Records of the order behind this one show what they do to the SKU themselves; nil on another shard.
        let shownBehind: LogIndex?

        /// What was done too often or too much, whatever is yet to come; nil when nothing was.
        var excess: Mismatch? {
            guard let moves else { return nil }
            if moves.holds > 1 { return Mismatch("\(sku) was held \(moves.holds) times") }
            if moves.reserved > wanted {
                return Mismatch("\(moves.reserved) of \(sku) were held, and it ordered \(wanted)")
            }
            if moves.taken > wanted { return Mismatch("\(moves.taken) of \(sku) left, and it ordered \(wanted)") }
            return moves.back > wanted
                ? Mismatch("\(moves.back) of \(sku) came back, and it ordered \(wanted)") : nil
        }
    }

    /// What is wrong with the moves of one SKU; nil when nothing is.
    ///
    /// - Parameters:
    ///   - mayLackRoom: whether what came back of a SKU may have been less for want of room.
    ///   - doneThrough: what the records of the order up to this one ask for has been done on the shard of this SKU;
    ///     nil when nothing of it has.
    func mismatch(
        _ line: Line, of order: Order, mayLackRoom: (SKU) -> Bool, doneThrough: LogIndex?
    ) -> Mismatch? {
        func isDone(_ index: LogIndex) -> Bool { doneThrough.map { index <= $0 } ?? false }
        if let excess = line.excess { return excess }
        let moves = line.moves ?? Moves()
        let (sku, wanted, status) = (line.sku, line.wanted, order.status!.rawValue)
        if moves.standing > 0 {
            if moves.standing != wanted {
                return Mismatch("\(moves.standing) of \(sku) are held, and it ordered \(wanted)")
            }
            if !order.isInMotion, end.map(isDone) ?? true {
                return Mismatch(
                    "\(moves.standing) of \(sku) are still held, and it is \(status)",
                    end == nil ? .endUnknown : .damage)
            }
        }
        if let fulfil, let shown = line.shownBehind, fulfil > shown, moves.taken != wanted {
            return Mismatch("\(moves.taken) of \(sku) left, and \(wanted) should have: it is \(status)")
        }
        guard line.isWhole else { return nil }
        let due = fulfil.map(isDone) == true ? wanted : 0
        if moves.taken != due {
            return Mismatch(
                "\(moves.taken) of \(sku) left, and \(due) should have: it is \(status)",
                fulfil == nil ? .orderBehind : .damage)
        }
        if order.charge != nil, !isReopened, moves.reserved != wanted {
            return Mismatch(
                "it is paid, and \(moves.reserved) of \(sku) were held for it: it ordered \(wanted)",
                moves.reserved == 0 ? .stockBehind : .damage)
        }
        if order.status == .paid, moves.standing != wanted {
            return Mismatch("it is paid, and \(sku) is not held any more", .orderBehind)
        }
        if moves.released > 0, order.isInMotion || release.map(isDone) == false {
            return Mismatch("\(sku) was given up, and it is \(status)", release == nil ? .orderBehind : .damage)
        }
        let expected = returns.reduce(0) { $1.sku == sku && isDone($1.index) ? $0 + $1.units : $0 }
        guard moves.back == expected || (moves.back < expected && mayLackRoom(sku)) else {
            return Mismatch(
                "\(moves.back) of \(sku) came back, and \(expected) should have",
                moves.back > expected ? .orderBehind : .damage)
        }
        return nil
    }

    /// Whether nothing is to be done any more for one SKU of an order that is decided, whatever its consumers have yet
    /// to read.
    func isSquare(_ line: Line, mayLackRoom: (SKU) -> Bool) -> Bool {
        let moves = line.moves ?? Moves()
        guard moves.standing == 0 else { return false }
        guard line.isWhole else { return true }
        let expected = returns.reduce(0) { $1.sku == line.sku ? $0 + $1.units : $0 }
        return moves.taken == (fulfil == nil ? 0 : line.wanted)
            && (moves.back == expected || (moves.back < expected && mayLackRoom(line.sku)))
    }
}
