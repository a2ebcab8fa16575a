import EventSourcing

extension ClusterVersion {
    /// Guests' carts and orders, what erases a person, refusals that keep their keys, webhooks, and how far an archive
    /// is.
    static let second = ClusterVersion(rawValue: 2)

    /// The newest of which this program writes anything.
    public static let newest = second

    /// The newest of which this program reads everything.
    public static var readable: ClusterVersion { Mistake.readsFirstVersionOnly.isMade ? .first : newest }
}
