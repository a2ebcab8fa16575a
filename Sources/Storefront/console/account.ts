import { createContext, useContext } from "react";
import type { Account } from "../common/types";

/** Who is logged in; null outside of the shell. */
export const AccountContext = createContext<Account | null>(null);

/** Some things are for administrators only. */
export const useIsAdmin = (): boolean => useContext(AccountContext)?.role === "admin";
