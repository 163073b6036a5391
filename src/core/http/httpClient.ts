// Built into a file of its own, and loaded when the first request is made. Not the package's index: that would make
// its client the one of the whole process, for the `fetch` of others too.
import api from 'undici/lib/api/index.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

Object.assign(Dispatcher.prototype, api);

export { Agent, ProxyAgent };
