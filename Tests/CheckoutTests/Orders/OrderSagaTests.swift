import Commerce
import EventSourcing
import Testing

@testable import Checkout

/// What the saga directs, for every standing of an order and everything that a directive can come to.
@Suite struct OrderSagaTests {
    /// For each standing what most outcomes lead to, and the outcomes that lead elsewhere.
    private static let script = """
        never placed: done
          refunded 1 → record refund 1 as re_1
          refunded 2 → record refund 2 as re_2
        placed: done
          seen, first → reserve
          seen, resumed → record unknown
          seen, late → record unknown
          seen, held at home, first → reserve elsewhere
          seen, held at home, resumed → record unknown
          seen, held at home, late → record unknown
          seen, short at home, first → reserve elsewhere, short at home
          seen, short at home, resumed → record unknown
          seen, short at home, late → record unknown
          reserved → charge
          short → record rejected, short of 1 if unchanged
          overtaken → look
          charged → record paid by ch_1
          declined → record rejected, declined card
          charge unreachable → record rejected, unavailable if unchanged
          charge timed out → record unknown
          charge refused → record rejected, declined no if unchanged
          charge voided → record rejected, expired
          charge breaker open → record rejected, unavailable if unchanged
          charge overloaded → record rejected, unavailable if unchanged
        placed, free: done
          seen → reserve
          seen, held at home → reserve elsewhere
          seen, short at home → reserve elsewhere, short at home
          reserved → record paid by nothing-to-pay
          short → record rejected, short of 1 if unchanged
          overtaken → look
          charged → record paid by ch_1
          declined → record rejected, declined card
          charge unreachable → record rejected, unavailable if unchanged
          charge timed out → record unknown
          charge refused → record rejected, declined no if unchanged
          charge voided → record rejected, expired
          charge breaker open → record rejected, unavailable if unchanged
          charge overloaded → record rejected, unavailable if unchanged
        unknown: done
          seen → lookUp
          seen, held at home → lookUp
          seen, short at home → lookUp
          reserved → charge
          short → record abandoned
          charged → record paid by ch_1
          declined → record rejected, declined card
          charge voided → record rejected, expired
          found charged → record paid by ch_1
          found declined → record rejected, declined card
          found voided → record rejected, expired
          found absent, first → reserve
          found absent, resumed → reserve
          found absent, late → record abandoned
          void → record rejected, expired
          recorded unknown, resumed → look
          recorded unknown, late → look
        abandoned: done
          seen → void
          seen, held at home → void
          seen, short at home → void
          void → record rejected, expired
          recorded abandoned → void
        rejected: done
          refunded 1 → record refund 1 as re_1
          refunded 2 → record refund 2 as re_2
        paid: done
          refunded 1 → record refund 1 as re_1
          refunded 2 → record refund 2 as re_2
        fulfilled: done
          refunded 1 → record refund 1 as re_1
          refunded 2 → record refund 2 as re_2
        shipped: done
          refunded 1 → record refund 1 as re_1
          refunded 2 → record refund 2 as re_2
        delivered: done
          refunded 1 → record refund 1 as re_1
          refunded 2 → record refund 2 as re_2
        cancelled, owed: refund 1000 as 1
          refunded 1 → record refund 1 as re_1
          refund 1 unreachable → done
          refund 1 timed out → done
          refund 1 refused → done
          refund 1 voided → done
          refund 1 breaker open → done
          refund 1 overloaded → done
          recorded refund 1 → done
          refunded 2 → record refund 2 as re_2
          refund 2 unreachable → done
          refund 2 timed out → done
          refund 2 refused → done
          refund 2 voided → done
          refund 2 breaker open → done
          refund 2 overloaded → done
          recorded refund 2 → done
        cancelled, free: done
          refunded 1 → record refund 1 as re_1
          refunded 2 → record refund 2 as re_2
        parts owed: refund 100 as 1
          refunded 1 → record refund 1 as re_1
          refund 1 unreachable → done
          refund 1 timed out → done
          refund 1 refused → refund 100 as 2
          refund 1 voided → done
          refund 1 breaker open → done
          refund 1 overloaded → done
          recorded refund 1 → refund 100 as 2
          refunded 2 → record refund 2 as re_2
          refund 2 unreachable → done
          refund 2 timed out → done
          refund 2 refused → done
          refund 2 voided → done
          refund 2 breaker open → done
          refund 2 overloaded → done
          recorded refund 2 → done
        part owed, free: record refund 1 as nothing-to-pay
          refunded 1 → record refund 1 as re_1
          refund 1 unreachable → done
          refund 1 timed out → done
          refund 1 refused → done
          refund 1 voided → done
          refund 1 breaker open → done
          refund 1 overloaded → done
          recorded refund 1 → done
          refunded 2 → record refund 2 as re_2
          refund 2 unreachable → done
          refund 2 timed out → done
          refund 2 refused → done
          refund 2 voided → done
          refund 2 breaker open → done
          refund 2 overloaded → done
          recorded refund 2 → done
        refunded: done
          refunded 1 → record refund 1 as re_1
          refunded 2 → record refund 2 as re_2
        """

    @Test func everyStandingMeetsEveryOutcome() throws {
        let found = try OrderInLife.standings().map { Self.paragraph($0.name, $0.order) }.joined(separator: "\n")
        #expect(found == Self.script, "\(found)")
    }

    @Test func whatIsChargedIsTheOrder() throws {
        let order = try OrderInLife.order()
        guard
            case .charge(let request) = OrderSaga.next(order, OrderAttempt(isResumed: false, outcome: .reserved([])))
        else { throw Unexpected() }
        #expect(request.order == order.id && request.customer == OrderInLife.customer)
        #expect(request.amount == Money(amount: 1_000, currency: .gbp) && request.method == nil)
    }

    struct Unexpected: Error {}

    enum Kind: CaseIterable { case first, resumed, late }

    /// One attempt for each outcome.
    private static func attempts(_ kind: Kind) -> [(name: String, attempt: OrderAttempt)] {
        let failures: [(String, PaymentFailure)] = [
            ("unreachable", .unreachable), ("timed out", .unknown(.timedOut)),
            ("refused", .rejected(status: 422, code: "no")), ("voided", .voided),
            ("breaker open", .breakerOpen(retryAfter: .seconds(1))), ("overloaded", .overloaded),
        ]
        var outcomes: [(String, OrderAttempt.Outcome)] = [
            ("seen", .seen(shortAtHome: nil)), ("seen, held at home", .seen(shortAtHome: [])),
            ("seen, short at home", .seen(shortAtHome: [OrderInLife.shortage])),
            ("reserved", .reserved([])), ("short", .reserved([OrderInLife.shortage])), ("overtaken", .overtaken),
            ("charged", .charged(.success(.succeeded(OrderInLife.charge)))),
            ("declined", .charged(.success(.declined(code: "card")))),
        ]
        outcomes += failures.map { ("charge \($0)", .charged(.failure($1))) }
        outcomes += [
            ("found charged", .found(.success(.succeeded(OrderInLife.charge)))),
            ("found declined", .found(.success(.declined(code: "card")))),
            ("found voided", .found(.success(.voided))), ("found absent", .found(.success(.absent))),
        ]
        outcomes += failures.map { ("look-up \($0)", .found(.failure($1))) }
        outcomes += [("void", .voided(nil))] + failures.map { ("void \($0)", .voided($1)) }
        for number in 1...2 {
            outcomes.append(("refunded \(number)", .refunded(.success(OrderInLife.refund(number)), number: number)))
            outcomes += failures.map { ("refund \(number) \($0)", .refunded(.failure($1), number: number)) }
            outcomes.append(
                ("recorded refund \(number)", .recorded(.confirmRefund(OrderInLife.refund(number), number: number))))
        }
        outcomes += [
            ("recorded unknown", .recorded(.markPaymentUnknown)), ("recorded abandoned", .recorded(.abandonPayment)),
            ("recorded paid", .recorded(.confirmPayment(OrderInLife.charge))),
            ("recorded rejected", .recorded(.reject(.paymentExpired))),
        ]
        return outcomes.map {
            ($0, OrderAttempt(isResumed: kind != .first, isLate: kind == .late, outcome: $1))
        }
    }

    private static func text(_ directive: OrderSaga.Directive) -> String {
        switch directive {
        case .look: "look"
        case .reserve(nil): "reserve"
        case .reserve(let short?): short.isEmpty ? "reserve elsewhere" : "reserve elsewhere, short at home"
        case .charge: "charge"
        case .lookUp: "lookUp"
        case .void: "void"
        case .refund(let request): "refund \(request.amount.amount) as \(request.number)"
        case .record(let command, let ifUnchanged): "record \(text(command))" + (ifUnchanged ? " if unchanged" : "")
        case .done: "done"
        }
    }

    private static func text(_ command: Order.Command) -> String {
        switch command {
        case .markPaymentUnknown: "unknown"
        case .abandonPayment: "abandoned"
        case .confirmPayment(let charge): "paid by \(charge)"
        case .confirmRefund(let refund, let number): "refund \(number) as \(refund)"
        case .reject(.insufficientStock(let shortages)): "rejected, short of \(shortages.count)"
        case .reject(.declined(let code)): "rejected, declined \(code)"
        case .reject(.paymentUnavailable): "rejected, unavailable"
        case .reject(.paymentExpired): "rejected, expired"
        default: "\(command)"
        }
    }

    private static func paragraph(_ name: String, _ order: Order) -> String {
        var found: [(outcome: String, directive: String)] = []
        for position in attempts(.first).indices {
            let directives = Kind.allCases.map { text(OrderSaga.next(order, attempts($0)[position].attempt)) }
            let outcome = attempts(.first)[position].name
            if Set(directives).count == 1 {
                found.append((outcome, directives[0]))
            } else {
                found += zip(Kind.allCases, directives).map { ("\(outcome), \($0)", $1) }
            }
        }
        let usual = Dictionary(grouping: found, by: \.directive).max { $0.value.count < $1.value.count }!.key
        let unusual = found.filter { $0.directive != usual }.map { "\n  \($0.outcome) → \($0.directive)" }
        return "\(name): \(usual)" + unusual.joined()
    }
}
