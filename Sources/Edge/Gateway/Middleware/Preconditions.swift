import HTTPTypes
import Hummingbird
import Steps

extension Preconditions {
    /// Compares the conditions of a change, in the step that makes it.
    ///
    /// - Throws: 412, with the current tag where there is one.
    func check(_ current: @autoclosure () -> Current) throws(Problem) {
        do throws(ConditionFailure) {
            try compare(current())
        } catch {
            throw error.problem
        }
    }

    /// Compares the conditions of a read with what it is answered: 412, or 304 for a client whose copy is current.
    func apply(to response: inout Response) throws(Problem) {
        guard !isEmpty, response.status == .ok else { return }
        let tag = response.headers[.eTag].map { EntityTag(text: $0) }
        let current = tag.map { Current.tagged($0) } ?? .untagged
        do throws(ConditionFailure) {
            try Preconditions(ifMatch: ifMatch).compare(current)
        } catch {
            throw error.problem
        }
        guard let ifNoneMatch, tag != nil, current.isNamed(by: ifNoneMatch, isWeak: true) else { return }
        // The fields of the 200 stay (section 15.4.5), but for those that describe its content.
        response.status = .notModified
        response.body = ResponseBody()
        response.headers[.contentType] = nil
        response.headers[.contentLength] = nil
    }
}

extension ConditionFailure: ProblemConvertible {
    public var problem: Problem {
        let detail =
            switch condition {
            case .ifMatch: "It is not what If-Match names."
            case .ifNoneMatch: "It is what If-None-Match names."
            }
        guard let current else { return Problem(.versionMismatch, detail) }
        return Problem(
            .versionMismatch, "\(detail) The current version is \(current.text).", headers: [.eTag: current.text])
    }
}
