import Foundation
import Workload

/// Where the status of a cluster is asked for.
enum StatusSource {
    /// A cluster on this machine: its nodes tell everything where they serve their metrics.
    case folder(ClusterFolder)
    /// A node's gateway, with an administrator's token, or where a node serves its metrics.
    case url(String, token: String?, trusting: TrustedCertificates?)

    private static let probeLimit = Duration.seconds(2)

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func ask() async throws -> ClusterStatus {
        switch self {
        case .url(let url, let token, let trusted): try await Self.ask(url, token, trusted)
        case .folder(let folder): await Self.ask(try folder.load())
        }
    }

    private static func ask(
        _ url: String, _ token: String?, _ trusted: TrustedCertificates?
    ) async throws -> ClusterStatus {
        let answer = await NodeProbe.get(
            "\(url)/api/v1/cluster", token: token, trusting: trusted, within: probeLimit)
        guard let answer else {
            let doubt = url.hasPrefix("https:") ? ", or with a certificate that is not trusted (--ca-file)" : ""
            throw Failure(description: "\(url) does not answer\(doubt).")
        }
        guard answer.status != 401 && answer.status != 403 else {
            throw Failure(
                description: token == nil
                    ? "\(url) tells administrators only: give --token-file, or --base-dir."
                    : "\(url) does not take that token as an administrator's.")
        }
        guard let status = status(answer) else {
            throw Failure(description: "\(url) answers \(answer.status) and no status of a cluster.")
        }
        return status
    }

    private static func ask(_ record: ClusterRecord) async -> ClusterStatus {
        let answers = await withTaskGroup(of: (ClusterStatus.Node, ClusterStatus?).self) { group in
            for node in record.nodes { group.addTask { await ask(node, of: record) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0.id < $1.0.id }
        }
        let voices = answers.compactMap { node, status in status.map { (node: node.id, status: $0) } }
        var merged = ClusterStatus.merged(voices) ?? ClusterStatus(nodes: [], shards: [])
        let said = Dictionary(merged.nodes.map { ($0.id, $0) }) { first, _ in first }
        merged.nodes = answers.map { node, status in
            var node = node
            node.version = said[node.id]?.version ?? ""
            let own = status?.nodes.first { $0.id == node.id }
            node.diskFull = own?.diskFull ?? said[node.id]?.diskFull
            return node
        }
        return merged
    }

    private static func ask(
        _ node: ClusterRecord.Node, of record: ClusterRecord
    ) async -> (ClusterStatus.Node, ClusterStatus?) {
        async let ready = NodeProbe.get("\(node.url)/readyz", within: probeLimit)
        async let answer = NodeProbe.get("http://127.0.0.1:\(node.metrics)/api/v1/cluster", within: probeLimit)
        let status = await answer.flatMap(status)
        let readiness = await ready
        let state = node.process?.state ?? .gone
        let isAnswered = status != nil || readiness != nil
        let stranger = isAnswered ? record.stranger(inPlaceOf: node.id, status, isGone: state == .gone) : nil
        return (
            ClusterStatus.Node(
                id: node.id, http: node.url, ready: stranger == nil && readiness?.status == 200,
                reason: stranger ?? readiness.flatMap(reason), version: "", process: "\(state)"),
            stranger == nil ? status : nil
        )
    }

    private struct Refusal: Decodable {
        let detail: String?
    }

    private static func reason(_ answer: NodeProbe.Answer) -> String? {
        guard answer.status != 200 else { return nil }
        return try? JSONDecoder().decode(Refusal.self, from: Data(answer.body)).detail
    }

    private static func status(_ answer: NodeProbe.Answer) -> ClusterStatus? {
        try? JSONDecoder().decode(ClusterStatus.self, from: Data(answer.body))
    }
}

extension ClusterRecord {
    /// Who answers on the ports of a node that is not that node, for people; nil when it is the node.
    ///
    /// - Parameters:
    ///   - status: what is answered where the node serves its metrics; nil when only its gateway's port answers.
    ///   - isGone: whether the process that was started as the node has ended. A node alone has an id that only its
    ///     data directory knows, and earlier programs say none: then a node whose process is gone does not answer.
    func stranger(inPlaceOf node: UInt64, _ status: ClusterStatus?, isGone: Bool) -> String? {
        guard isCluster, let said = status?.clusterID, let number = status?.nodeID else {
            return isGone ? "its process is gone, and another program answers on its port" : nil
        }
        guard (said, number) != (cluster, node) else { return nil }
        return "node \(number) of cluster \(said) answers on its port, and this is cluster \(cluster)"
    }
}
