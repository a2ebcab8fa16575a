import EventSourcing
import Testing

@testable import Checkout

/// Two drivers take turns in every order, and so many failures strike at every place: the promises of
/// `Checkout/README.md` hold.
@Suite(.timeLimit(.minutes(10))) struct OrderSagaWalkTests {
    /// Walks through everything that can happen.
    ///
    /// - Returns: the number of standings that were reached.
    private func walk(isShortAtHome: Bool = false, failures: Int) throws -> Int {
        var open = [OrderSagaWalk(try OrderInLife.order(), isShortAtHome: isShortAtHome, failures: failures)]
        var seen: Set<String> = []
        while let walk = open.popLast() {
            for following in try walk.next() where seen.insert(following.key).inserted { open.append(following) }
        }
        return seen.count
    }

    @Test(arguments: [false, true], [0, 1, 2])
    func everyWalkEndsWithItsBooksBalanced(isShortAtHome: Bool, failures: Int) throws {
        let reached = try walk(isShortAtHome: isShortAtHome, failures: failures)
        #expect(reached > (failures == 2 ? 1_000 : 0))
    }

    @Test(arguments: [
        (Mistake.chargeBeforeReserve, "no charge before everything is reserved"),
        (Mistake.voidNotFenced, "no void before the payment is abandoned"),
    ])
    func aMistakeIsNoticed(mistake: Mistake, promise: String) throws {
        #expect(throws: OrderSagaWalk.Broken(promise: promise)) {
            try Mistake.making([mistake]) { try walk(failures: 2) }
        }
    }
}
