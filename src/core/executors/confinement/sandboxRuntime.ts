// What is used of the library @anthropic-ai/sandbox-runtime: the parts that it builds its manager of. The manager has
// one configuration for a whole process; these parts have one each. They are no public interface, hence the library's
// version is pinned exactly. This file is loaded when the first connection or, on macOS, the first process needs it.
export { matchesDomainPattern } from '@anthropic-ai/sandbox-runtime/dist/sandbox/domain-pattern.js';
export { createHttpProxyServer } from '@anthropic-ai/sandbox-runtime/dist/sandbox/http-proxy.js';
export { wrapCommandWithSandboxMacOS } from '@anthropic-ai/sandbox-runtime/dist/sandbox/macos-sandbox-utils.js';
export {
  canonicalizeHost,
  isValidHost,
  resolveParentProxy,
} from '@anthropic-ai/sandbox-runtime/dist/sandbox/parent-proxy.js';
export { createResolvedAddressGuard } from '@anthropic-ai/sandbox-runtime/dist/sandbox/resolved-address-guard.js';
export { quote } from '@anthropic-ai/sandbox-runtime/dist/utils/shell-quote.js';
