import ActorSystem
import Schema

extension OwnedKind {
    /// Every kind of aggregate that a shop's shards own.
    public static let all: [OwnedKind] = {
        var kinds = Kinds()
        Registry.visit(&kinds)
        return kinds.kinds
    }()

    private struct Kinds: RegistryVisitor {
        var kinds: [OwnedKind] = []
        mutating func visit<A: RetailAggregate>(_: A.Type) { kinds.append(.kind(A.self)) }
    }
}
