import EventSourcing

extension Listing {
    /// Among all of one owner, by id and so by time.
    init(of group: some AggregateID, _ id: some AggregateID) {
        var groupBytes: [UInt8] = []
        var key: [UInt8] = []
        group.encode(into: &groupBytes)
        id.encode(into: &key)
        self.init(group: groupBytes, key: key)
    }
}
