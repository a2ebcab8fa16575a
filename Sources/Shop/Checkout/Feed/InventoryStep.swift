import Commerce
import EventSourcing

/// What one record on each shard does about the stock of orders.
struct InventoryStep: Sendable {
    /// Orders to fulfil.
    var paid: [OrderID] = []
    var effects: [OrderEffect] = []
    /// With this step everything up to here has had its effect.
    var last: LogIndex

    /// Cuts `steps` so that no part moves the stock of more than `linesMax` lines, unless one order does so alone.
    ///
    /// The effects of one record may be divided: releasing and fulfilling are done once however often they are asked
    /// for, and what is done twice when it is asked for twice stays with the position that moves past it.
    ///
    /// - Parameter lines: of the orders of `steps.paid`, then of those of `steps.effects`.
    /// - Returns: at least one part.
    static func cut(_ steps: OrderSteps, lines: [Int], linesMax: Int, through last: LogIndex) -> [InventoryStep] {
        guard lines.reduce(0, +) > linesMax else {
            return [InventoryStep(paid: steps.paid.map(\.order), effects: steps.effects, last: last)]
        }
        var cut: [InventoryStep] = []
        var part = InventoryStep(last: last)
        var linesOfPart = 0
        var before: Piece?
        for piece in pieces(of: steps, lines: lines) {
            let isTied = piece.isRepeatable == false && before?.isRepeatable == false && before?.index == piece.index
            if linesOfPart > 0, linesOfPart + piece.lines > linesMax, !isTied {
                part.last = LogIndex(piece.index.rawValue - 1)
                cut.append(part)
                part = InventoryStep(last: last)
                linesOfPart = 0
            }
            switch piece.content {
            case .paid(let order): part.paid.append(order)
            case .effect(let effect): part.effects.append(effect)
            }
            linesOfPart += piece.lines
            before = piece
        }
        return cut + [part]
    }

    private struct Piece {
        enum Content {
            case paid(OrderID)
            case effect(OrderEffect)
        }

        let index: LogIndex
        let content: Content
        let lines: Int

        /// Whether asking twice does it once.
        var isRepeatable: Bool {
            switch content {
            case .paid: true
            case .effect(let effect):
                switch effect.effect {
                case .release, .fulfill: true
                case .restock, .restockLines: false
                }
            }
        }
    }

    /// In the order of the log; of one record first what may be repeated.
    private static func pieces(of steps: OrderSteps, lines: [Int]) -> [Piece] {
        let paid = zip(steps.paid, lines).map { Piece(index: $0.index, content: .paid($0.order), lines: $1) }
        let effects = zip(steps.effects, lines.dropFirst(steps.paid.count)).map {
            Piece(index: $0.index, content: .effect($0), lines: $1)
        }
        return (paid + effects).enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            if one.index != other.index { return one.index < other.index }
            if one.isRepeatable != other.isRepeatable { return one.isRepeatable }
            return left.offset < right.offset
        }.map(\.element)
    }
}
