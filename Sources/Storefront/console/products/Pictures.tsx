import { demoPicture } from "../../common/pictures";

/** The pictures of a product, each with its address. Nothing is loaded from outside of the shop. */
export function Pictures({ urls }: { urls: readonly string[] }) {
  return (
    <ul className="pictures">
      {urls.map((url, index) => {
        const own = demoPicture(url);
        return (
          <li key={`${index} ${url}`}>
            {own !== undefined
              ? <img src={own} alt={`Picture ${index + 1}`} width="96" height="96" />
              : <span className="no-picture small muted">Served elsewhere</span>}
            <a className="small" href={url} rel="noreferrer noopener" target="_blank">{url.replace(/^https?:\/\//, "")}</a>
          </li>
        );
      })}
    </ul>
  );
}
