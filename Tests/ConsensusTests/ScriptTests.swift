import Foundation
import Testing

@testable import Consensus

/// Scripts with expected output, etcd-io/raft's and our own.
@Suite("Scripts")
struct ScriptTests {
    /// What etcd-io/raft has and this core leaves out on purpose: the option, why, and the scripts that use it.
    static let refusals = [
        "read-only=lease-based": Refusal(
            reason:
                "a lease holds only while clocks run at the same rate, and no safety property here rests on a clock",
            scripts: ["forget_leader_read_only_lease_based.txt"])
    ]

    struct Refusal {
        let reason: String
        let scripts: [String]
    }

    @Test("What etcd-io/raft does, this core does", arguments: ScriptFolder.traces)
    func trace(path: String) throws { try check(path) }

    @Test("Our own scripts have the output that they ask for", arguments: ScriptFolder.own)
    func own(path: String) throws { try check(path) }

    @Test("The folder that RAFT_TRACES names holds scripts")
    func folder() {
        #expect(!ScriptFolder.isNamed || !ScriptFolder.traces.isEmpty)
    }

    @Test("A script with any line of its output changed fails", arguments: ScriptFolder.traces + ScriptFolder.own)
    func changed(path: String) throws {
        let script = try Script(path: path)
        for position in script.steps.indices where script.steps[position].expected.contains("Term:") {
            var changed = script
            changed.changeOutput(of: position)
            if case .differed = try outcome(of: changed) { continue }
            // A refused script ends before its output counts.
            #expect(Self.isRefused(script), "\(script.name): step \(position) may say anything")
        }
    }

    private func check(_ path: String) throws {
        let script = try Script(path: path)
        #expect(!script.steps.isEmpty)
        switch try outcome(of: script) {
        case .passed(let outputs):
            #expect(!Self.isRefused(script), "\(script.name) is listed as refused")
            if Self.rewrites { try script.replacing(outputs).write(toFile: path, atomically: true, encoding: .utf8) }
        case .differed(let step, let output):
            Issue.record("\(script.name):\(step.line): \(step.command)\n\(step.expected)\n---- but was\n\(output)")
        case .refused(let step, let option):
            #expect(Self.refusals[option] != nil, "\(script.name):\(step.line): \(option)")
        }
    }

    private enum Outcome {
        case passed([String])
        case differed(Script.Step, String)
        case refused(Script.Step, String)
    }

    private func outcome(of script: Script) throws -> Outcome {
        var runner = Self.runner(of: script)
        let isInteraction = runner is InteractionScriptRunner
        var outputs: [String] = []
        for step in script.steps {
            do {
                let output = try runner.run(step)
                outputs.append(output)
                let isEqual = Self.normalised(output, isInteraction) == Self.normalised(step.expected, isInteraction)
                if !isEqual && !Self.rewrites { return .differed(step, output) }
            } catch let refusal as ScriptRefusal {
                return .refused(step, refusal.description)
            }
        }
        return .passed(outputs)
    }

    private static func isRefused(_ script: Script) -> Bool {
        refusals.values.contains { $0.scripts.contains(script.name) }
    }

    /// Set to write what comes out into the scripts, to be read and judged before it is committed.
    private static let rewrites = ProcessInfo.processInfo.environment["SCRIPTS_REWRITE"] != nil

    private static func runner(of script: Script) -> any ScriptRunner {
        switch script.steps.first?.command {
        case "committed", "vote": QuorumScriptRunner()
        case "simple", "enter-joint", "leave-joint": MembershipScriptRunner()
        default: InteractionScriptRunner()
        }
    }

    /// Our core does not log, so an interaction is compared without etcd's log lines.
    private static func normalised(_ output: String, _ isInteraction: Bool) -> [Substring] {
        var lines = output.split(separator: "\n")
        guard isInteraction else { return lines }
        lines.removeAll { line in
            ["INFO ", "DEBUG ", "WARN "].contains { line.drop { $0 == " " }.hasPrefix($0) }
        }
        return lines.isEmpty ? ["ok"] : lines
    }
}
