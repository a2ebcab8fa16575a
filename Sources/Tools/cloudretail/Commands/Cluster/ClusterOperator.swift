import Foundation
import Workload

/// Asks the nodes of a cluster on this machine, as its first administrator, for what operators ask.
struct ClusterOperator {
    private let folder: ClusterFolder
    private let record: ClusterRecord
    /// Not asked: they come or go.
    private let besides: Set<UInt64>

    init(_ processes: ClusterProcesses, besides: Set<UInt64>) {
        folder = processes.folder
        record = processes.record
        self.besides = besides
    }

    enum Wish {
        case post(String, any Encodable & Sendable)
        case delete(String)

        var isDelete: Bool { if case .delete = self { true } else { false } }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        /// Whether a node may have begun with it all the same.
        let mayHaveBegun: Bool
    }

    /// A node answers within ten seconds what it has come to.
    private static let answerLimit = Duration.seconds(20)
    /// How long nodes are asked that do not answer, or say that they cannot at present: some elections.
    private static let patience = Duration.seconds(15)
    private static let pause = Duration.milliseconds(100)
    private static let accepted = 202
    /// Problems of a node that has done nothing.
    private static let undone: Set = ["no_leader", "not_ready", "overloaded", "shutting_down", "storage_full"]

    /// Asks until it is done: a node says each time whether it is, and goes on meanwhile.
    ///
    /// - Returns: false where what was to go is not there.
    /// - Throws: `Failure` with what a node says against it, or when none can do it.
    @discardableResult
    func ask(_ wish: Wish) async throws -> Bool {
        var deadline = ContinuousClock.now + Self.patience
        var last = "No node of \(folder.path) that could be asked answers."
        var mayHaveBegun = false
        while true {
            for node in nodes {
                let logIn = try await logIn(at: node)
                guard let token = logIn.token else {
                    last = logIn.obstacle ?? last
                    continue
                }
                guard let answer = await Self.ask(wish, of: node, token) else {
                    mayHaveBegun = true
                    continue
                }
                let problem = Self.problem(answer)
                switch answer.status {
                case Self.accepted:
                    mayHaveBegun = true
                    deadline = .now + Self.patience
                case 200..<300: return true
                case 404 where wish.isDelete: return mayHaveBegun
                // What an answer that was lost has done.
                case 409 where mayHaveBegun && problem.code == "already_exists": return true
                case 500...:
                    last = problem.detail
                    mayHaveBegun = mayHaveBegun || !Self.undone.contains(problem.code)
                default: throw Failure(description: problem.detail, mayHaveBegun: mayHaveBegun)
                }
            }
            guard ContinuousClock.now < deadline else {
                throw Failure(description: last, mayHaveBegun: mayHaveBegun)
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    private var nodes: [ClusterRecord.Node] {
        record.nodes.filter { !besides.contains($0.id) && $0.process?.state == .running }
    }

    private static func ask(_ wish: Wish, of node: ClusterRecord.Node, _ token: String) async -> NodeProbe.Answer? {
        let base = "\(node.url)/api/v1/cluster"
        return switch wish {
        case .post(let path, let document):
            await NodeProbe.post(base + path, document, token: token, within: answerLimit)
        case .delete(let path): await NodeProbe.delete(base + path, token: token, within: answerLimit)
        }
    }

    private struct Tokens: Decodable {
        let access_token: String
    }

    /// - Returns: a token; none when the node cannot give one at present, and why if it says so.
    private func logIn(at node: ClusterRecord.Node) async throws -> (token: String?, obstacle: String?) {
        let text = try String(contentsOfFile: folder.administratorPassword, encoding: .utf8)
        let form = ["email": record.administrator, "password": String(text.prefix { !$0.isNewline })]
        let url = "\(node.url)/api/v1/auth/login"
        guard let answer = await NodeProbe.post(url, form, within: Self.answerLimit) else { return (nil, nil) }
        guard answer.status != 401, answer.status != 403 else {
            throw ClusterProcesses.Failure(
                description: "\(record.administrator) cannot log in with \(folder.administratorPassword).")
        }
        guard answer.status == 200 else { return (nil, Self.problem(answer).detail) }
        return (try? JSONDecoder().decode(Tokens.self, from: Data(answer.body)).access_token, nil)
    }

    private struct Problem: Decodable {
        let title: String
        let code: String
        let detail: String?
    }

    private static func problem(_ answer: NodeProbe.Answer) -> (code: String, detail: String) {
        guard let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body)) else {
            return ("", "A node answers \(answer.status), and nothing that can be read.")
        }
        return (problem.code, problem.detail ?? problem.title)
    }
}
