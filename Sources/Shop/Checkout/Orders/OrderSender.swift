import Commerce

/// Who sends an order: how much one customer may have undecided depends on it.
public enum OrderSender: Hashable, Sendable {
    case customer
    /// A member of staff: imports and replays have many under way for one customer.
    case staff
    /// A customer without an account, who is reached at this address.
    case guest(EmailAddress)

    var email: EmailAddress? { if case .guest(let email) = self { email } else { nil } }
}
