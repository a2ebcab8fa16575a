import HTTPTypes
import Hummingbird

/// The conditions that a request makes (RFC 9110, section 13). What it asks for happens only when they hold.
///
/// `If-Unmodified-Since` and `If-Modified-Since` are not among them: nothing here has a modification date.
public struct Preconditions: Sendable {
    /// What is there when the conditions are compared.
    public enum Current: Sendable {
        case nothing
        /// Something that no tag names.
        case untagged
        case tagged(EntityTag)
        /// Something whose tags begin with its revision; the rest changes by itself, as with a price in a cart.
        case revision(String)
    }

    public internal(set) var ifMatch: String?
    public internal(set) var ifNoneMatch: String?

    public init(ifMatch: String? = nil, ifNoneMatch: String? = nil) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
    }

    public var isEmpty: Bool { ifMatch == nil && ifNoneMatch == nil }

    /// Compares the conditions of a change, in the step that makes it.
    ///
    /// - Throws: 412, with the current tag where there is one.
    public func check(_ current: @autoclosure () -> Current) throws(Problem) {
        guard !isEmpty else { return }
        let current = current()
        if let ifMatch, !current.isNamed(by: ifMatch, isWeak: false) {
            throw current.mismatch("It is not what If-Match names.")
        }
        if let ifNoneMatch, current.isNamed(by: ifNoneMatch, isWeak: true) {
            throw current.mismatch("It is what If-None-Match names.")
        }
    }

    /// Compares the conditions of a read with what it is answered: 412, or 304 for a client whose copy is current.
    func apply(to response: inout Response) throws(Problem) {
        guard !isEmpty, response.status == .ok else { return }
        let tag = response.headers[.eTag].map { EntityTag(text: $0) }
        if let ifMatch {
            let current = tag.map { Current.tagged($0) } ?? .untagged
            guard current.isNamed(by: ifMatch, isWeak: false) else {
                throw current.mismatch("It is not what If-Match names.")
            }
        }
        guard let ifNoneMatch, let tag, Current.tagged(tag).isNamed(by: ifNoneMatch, isWeak: true) else { return }
        // The fields of the 200 stay (section 15.4.5), but for those that describe its content.
        response.status = .notModified
        response.body = ResponseBody()
        response.headers[.contentType] = nil
        response.headers[.contentLength] = nil
    }
}

extension Preconditions.Current {
    /// - Parameter isWeak: whether a weak tag names it as well (section 8.8.3.2).
    fileprivate func isNamed(by condition: String, isWeak: Bool) -> Bool {
        if condition.allSatisfy({ $0 == "*" || $0 == " " || $0 == "\t" }), condition.contains("*") {
            if case .nothing = self { return false }
            return true
        }
        switch self {
        case .nothing, .untagged: return false
        case .tagged(let tag): return tag.isNamed(by: condition, isWeak: isWeak)
        case .revision(let revision): return EntityTag.isRevision(revision, namedBy: condition, isWeak: isWeak)
        }
    }

    fileprivate func mismatch(_ detail: String) -> Problem {
        guard case .tagged(let tag) = self else { return Problem(.versionMismatch, detail) }
        return Problem(.versionMismatch, "\(detail) The current version is \(tag.text).", headers: [.eTag: tag.text])
    }
}
