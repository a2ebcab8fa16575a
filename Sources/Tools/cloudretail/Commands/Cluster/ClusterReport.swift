import Foundation

/// The line of JSON that `cluster up` prints.
struct ClusterReport: Encodable {
    struct Node: Encodable {
        let id: UInt64
        let http: String
        let pid: Int32?
        let data_dir: String
        let log: String
    }

    let nodes: [Node]
    /// Where the payment simulator answers; null when payments are decided inside the nodes.
    let payments: String?
    let administrator: String
    let password_file: String

    init(_ record: ClusterRecord, in folder: ClusterFolder) {
        nodes = record.nodes.map {
            Node(
                id: $0.id, http: $0.url, pid: $0.process?.pid, data_dir: folder.data($0.id), log: folder.log($0.id))
        }
        payments = record.simulator?.url
        administrator = record.administrator
        password_file = folder.administratorPassword
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    private enum CodingKeys: String, CodingKey { case nodes, payments, administrator, password_file }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(payments, forKey: .payments)
        try container.encode(administrator, forKey: .administrator)
        try container.encode(password_file, forKey: .password_file)
    }
}
