import HTTPTypes
import Hummingbird

extension GatewayRoutes {
    /// Adds what changes the cluster: nodes that come and go, and who leads.
    ///
    /// - Parameter operations: nil on a node that is alone, which refuses them.
    public func addClusterOperations(_ operations: (any ClusterOperations)?) {
        post("/api/v1/cluster/nodes", .admin) { request, context in
            let form = try await request.decode(context) { NodeForm.decode(&$0) }
            guard let operations else { throw ClusterRefusal.alone }
            let isDone = try await operations.add(form.id, at: form.address, replacing: form.replaces)
            var json = JSONWriter()
            json.object { json in
                json.field("id", Int64(clamping: form.id))
                json.field("address", form.address)
                json.field("votes", isDone)
            }
            return Response(status: isDone ? .created : .accepted, json: json)
        }
        delete("/api/v1/cluster/nodes/{id}", .admin) { _, context in
            let node = try context.parameter("id") { UInt64($0) }
            guard let operations else { throw ClusterRefusal.alone }
            return Response(status: try await operations.remove(node) ? .noContent : .accepted)
        }
        post("/api/v1/cluster/shards/{id}/leader", .admin) { request, context in
            let shard = try context.parameter("id") { UInt16($0) }
            let node = try await request.decode(context) { $0.nodeNumber("node") }
            guard let operations else { throw ClusterRefusal.alone }
            return Response(
                status: try await operations.transferLeadership(of: shard, to: node) ? .noContent : .accepted)
        }
    }
}

/// A node that is to be taken in.
private struct NodeForm {
    let id: UInt64
    let address: String
    let replaces: UInt64?

    /// A name of the domain system, and a port.
    private static let addressLengthMax = 260

    static func decode(_ body: inout ObjectReader) -> NodeForm? {
        let id = body.nodeNumber("id")
        let address = body.string("address", length: 3...addressLengthMax)
        let replaces = body.optionalInteger("replaces", in: 1 ... .max)
        guard let id, let address else { return nil }
        return NodeForm(id: id, address: address, replaces: replaces.map { UInt64($0) })
    }
}

extension ObjectReader {
    fileprivate mutating func nodeNumber(_ name: StaticString) -> UInt64? {
        integer(name, in: 1 ... .max).map { UInt64($0) }
    }
}
