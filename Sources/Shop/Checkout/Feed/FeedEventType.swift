import Commerce
import Schema

/// The events that leave the shop, by the name that they have outside. Names are never changed or used again.
///
/// What is nobody's business stays inside: idempotency keys, claims of names, positions of consumers, rotations of
/// tokens.
public enum FeedEventType: String, Sendable, CaseIterable {
    /// An order was taken; its payment is not decided yet.
    case orderReceived = "OrderReceived"
    case orderRejected = "OrderRejected"
    /// The payment provider did not answer: there may be a charge.
    case orderPaymentUnknown = "OrderPaymentUnknown"
    /// An order was paid: this is the one to act on.
    case orderPlaced = "OrderPlaced"
    case orderFulfilled = "OrderFulfilled"
    /// The goods go elsewhere than was said; the order says where.
    case orderAddressCorrected = "OrderAddressCorrected"
    case orderShipped = "OrderShipped"
    /// The tracking code of goods on their way is another than was said.
    case orderTrackingCorrected = "OrderTrackingCorrected"
    case orderDelivered = "OrderDelivered"
    case orderCancelled = "OrderCancelled"
    case orderRefundRequested = "OrderRefundRequested"
    case orderRefunded = "OrderRefunded"
    /// A part of an order's money is to go back; the order goes on.
    case orderPartRefundRequested = "OrderPartRefundRequested"
    case orderPartRefunded = "OrderPartRefunded"

    case stockReceived = "StockReceived"
    case stockAdjusted = "StockAdjusted"
    case stockReserved = "StockReserved"
    case stockReleased = "StockReleased"
    case stockExpired = "StockExpired"
    case stockFulfilled = "StockFulfilled"
    case stockRestocked = "StockRestocked"

    case productCreated = "ProductCreated"
    case productUpdated = "ProductUpdated"
    case productPriced = "ProductPriced"
    case productActivated = "ProductActivated"
    case productDeactivated = "ProductDeactivated"
    case productSold = "ProductSold"
    /// Units that had been sold were cancelled, or came back.
    case productReturned = "ProductReturned"

    case cartItemSet = "CartItemSet"
    case cartItemRemoved = "CartItemRemoved"
    case cartCleared = "CartCleared"

    case accountRegistered = "AccountRegistered"
    case accountPasswordChanged = "AccountPasswordChanged"
    case accountRoleGranted = "AccountRoleGranted"
    case accountRenamed = "AccountRenamed"
    /// All sessions of an account, but one that it may name.
    case accountSessionsEnded = "AccountSessionsEnded"
    /// A wrong password.
    case logInFailed = "LogInFailed"
    /// An administrator has let everybody guess anew.
    case logInFailuresCleared = "LogInFailuresCleared"
    case sessionOpened = "SessionOpened"
    case sessionEnded = "SessionEnded"

    /// Nil for an event that stays inside.
    init?(_ event: RetailEvent) {
        switch event {
        case .order(_, let event): self.init(event)
        case .stock(_, let event): self.init(event)
        case .product(_, let event): self.init(event)
        case .cart(_, .itemSet): self = .cartItemSet
        case .cart(_, .itemRemoved): self = .cartItemRemoved
        case .cart(_, .cleared): self = .cartCleared
        case .account(_, .registered): self = .accountRegistered
        case .account(_, .passwordChanged): self = .accountPasswordChanged
        case .account(_, .roleGranted): self = .accountRoleGranted
        case .account(_, .renamed): self = .accountRenamed
        case .account(_, .sessionsEnded): self = .accountSessionsEnded
        case .logIns(_, .failed): self = .logInFailed
        case .logIns(_, .cleared): self = .logInFailuresCleared
        case .session(_, .opened): self = .sessionOpened
        case .session(_, .ended): self = .sessionEnded
        case .session(_, .rotated), .session(_, .repeated), .logIns(_, .succeeded): return nil
        case .idempotencyKey, .emailClaim, .skuClaim, .consumerPosition: return nil
        }
    }

    private init(_ event: Order.Event) {
        self =
            switch event {
            case .placed: .orderReceived
            case .rejected: .orderRejected
            case .paymentUnknown: .orderPaymentUnknown
            case .paid: .orderPlaced
            case .fulfilled: .orderFulfilled
            case .addressCorrected: .orderAddressCorrected
            case .shipped: .orderShipped
            case .trackingCorrected: .orderTrackingCorrected
            case .delivered: .orderDelivered
            case .cancelled: .orderCancelled
            case .refundRequested: .orderRefundRequested
            case .refunded: .orderRefunded
            case .partRefundRequested: .orderPartRefundRequested
            case .partRefunded: .orderPartRefunded
            }
    }

    private init(_ event: Stock.Event) {
        self =
            switch event {
            case .received: .stockReceived
            case .adjusted: .stockAdjusted
            case .reserved: .stockReserved
            case .released: .stockReleased
            case .expired: .stockExpired
            case .fulfilled: .stockFulfilled
            case .restocked: .stockRestocked
            }
    }

    private init(_ event: Product.Event) {
        self =
            switch event {
            case .created: .productCreated
            case .updated: .productUpdated
            case .priced: .productPriced
            case .activated: .productActivated
            case .deactivated: .productDeactivated
            case .unitsSold: .productSold
            case .unitsReturned: .productReturned
            }
    }
}
