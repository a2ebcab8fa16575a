import Commerce
import EventSourcing

/// Decides what a driver of an order does next, from the order's state and what the driver's last directive came to.
///
/// A pure function: `Checkout.drive` performs the directives. Each may be performed again, here or on another node:
/// reservations, charges and refunds carry the order's id, and the order refuses a command that no longer fits. The
/// states are drawn in `Checkout/README.md`.
enum OrderSaga {
    /// What the driver has to do before it asks again.
    enum Directive: Sendable {
        /// Reads the order anew.
        case look
        /// Holds the order's units on every shard. `shortAtHome`: what the order's own shard has too little of, all
        /// else being held there; nil when that has to be found out.
        case reserve(shortAtHome: [Shortage]?)
        case charge(ChargeRequest)
        /// Asks the provider what became of the charge.
        case lookUp
        /// Makes sure that no charge stands and none ever will.
        case void
        case refund(RefundRequest)
        /// Records a command of the order with its effect on stock. `ifUnchanged`: unless the order has changed since
        /// this driver saw it.
        case record(Order.Command, ifUnchanged: Bool = false)
        /// This attempt ends. An order that is still undecided, or owes a refund, is driven on after its alarm.
        case done
    }

    static func next(_ order: Order, _ attempt: OrderAttempt) -> Directive {
        guard order.status == .placed, let total = order.total, let placement = order.placement else {
            return payBack(order, after: attempt.outcome)
        }
        func charge() -> Directive {
            .charge(
                ChargeRequest(
                    order: order.id, customer: placement.customer, amount: total, method: placement.paymentMethod))
        }
        if order.isAbandoned { return void(attempt.outcome) }
        return order.payment == .unknown ? reconcile(attempt, charge: charge) : pay(attempt, total, charge: charge)
    }

    // MARK: - A payment that was not tried

    private static func pay(_ attempt: OrderAttempt, _ total: Money, charge: () -> Directive) -> Directive {
        switch attempt.outcome {
        case .seen(let shortAtHome):
            // The driver before, here or on another node, may be at it still. From here on it can only confirm it.
            if attempt.isResumed, total.amount > 0 { return .record(.markPaymentUnknown) }
            if Mistake.chargeBeforeReserve.isMade { return total.amount > 0 ? charge() : confirmed(.nothingToPay) }
            return .reserve(shortAtHome: shortAtHome)
        case .overtaken: return .look
        case .reserved(let shortages):
            guard shortages.isEmpty else { return .record(.reject(.insufficientStock(shortages)), ifUnchanged: true) }
            return total.amount > 0 ? charge() : confirmed(.nothingToPay)
        case .charged(.success(let outcome)): return answered(outcome)
        case .charged(.failure(let failure)): return failed(failure)
        case .found, .voided, .refunded, .recorded: return .done
        }
    }

    private static func answered(_ outcome: ChargeOutcome) -> Directive {
        switch outcome {
        case .succeeded(let charge): confirmed(charge)
        case .declined(let code): .record(.reject(.declined(code: code)))
        }
    }

    /// The only charge that this driver knows to have been sent for the order failed.
    private static func failed(_ failure: PaymentFailure) -> Directive {
        switch failure {
        case .voided: expired
        case .unknown: .record(.markPaymentUnknown)
        case .rejected(_, let code): .record(.reject(.declined(code: code)), ifUnchanged: true)
        case .unreachable, .breakerOpen, .overloaded: .record(.reject(.paymentUnavailable), ifUnchanged: true)
        }
    }

    private static func confirmed(_ charge: ChargeID) -> Directive { .record(.confirmPayment(charge)) }

    // MARK: - A payment that is unknown

    /// There may be a charge: the provider is asked before anything is confirmed or released.
    private static func reconcile(_ attempt: OrderAttempt, charge: () -> Directive) -> Directive {
        switch attempt.outcome {
        case .seen: return .lookUp
        case .found(.success(.succeeded(let charge))): return confirmed(charge)
        case .found(.success(.declined(let code))): return answered(.declined(code: code))
        case .found(.success(.voided)), .charged(.failure(.voided)), .voided(nil): return expired
        case .found(.success(.absent)):
            // The driver before may have died before it held everything.
            return attempt.isLate ? giveUp : .reserve(shortAtHome: nil)
        case .reserved(let shortages): return shortages.isEmpty ? charge() : giveUp
        case .charged(.success(let outcome)): return answered(outcome)
        case .recorded(.markPaymentUnknown) where attempt.isResumed: return .look
        // Whatever this charge came to, one before it may have been executed.
        case .charged(.failure), .found(.failure), .voided, .overtaken, .refunded, .recorded: return .done
        }
    }

    /// The first step to a rejection. What is sent to the provider may arrive much later, when another node has long
    /// driven the order on. So no driver takes a charge for a payment once it is recorded that there shall be none.
    private static var giveUp: Directive { Mistake.voidNotFenced.isMade ? .void : .record(.abandonPayment) }

    /// The payment is given up: the provider is told so before the order is rejected.
    private static func void(_ outcome: OrderAttempt.Outcome) -> Directive {
        switch outcome {
        case .seen, .recorded(.abandonPayment): .void
        case .voided(nil): expired
        case .overtaken, .reserved, .charged, .found, .voided, .refunded, .recorded: .done
        }
    }

    private static var expired: Directive { .record(.reject(.paymentExpired)) }

    // MARK: - An order that is decided

    /// Pays the refunds that are owed one after the other. One that the provider refuses keeps no other from being
    /// paid; after any other failure all wait for the order's alarm.
    private static func payBack(_ order: Order, after outcome: OrderAttempt.Outcome) -> Directive {
        switch outcome {
        case .refunded(.success(let refund), let number): .record(.confirmRefund(refund, number: number))
        case .refunded(.failure(.rejected), let number): payBack(order, behind: number)
        case .refunded(.failure, _): .done
        case .recorded(.confirmRefund(_, let number)): payBack(order, behind: number)
        case .seen, .overtaken, .reserved, .charged, .found, .voided, .recorded: payBack(order, behind: 0)
        }
    }

    private static func payBack(_ order: Order, behind last: Int) -> Directive {
        guard let number = order.owedRefund(after: last) else { return .done }
        let amount = order.refunds[number - 1].amount
        guard amount > 0, let charge = order.charge, let currency = order.total?.currency else {
            return .record(.confirmRefund(.nothingToPay, number: number))
        }
        return .refund(
            RefundRequest(
                order: order.id, charge: charge, amount: Money(amount: amount, currency: currency), number: number))
    }
}

extension RefundID {
    /// Stands for the refund of an order that cost nothing. No provider is asked.
    static let nothingToPay = RefundID("nothing-to-pay")!
}

extension ChargeID {
    /// Stands for the charge of an order that costs nothing. No provider is asked.
    static let nothingToPay = ChargeID("nothing-to-pay")!
}
