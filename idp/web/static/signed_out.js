// Goes on to the service although another service's page does not load: the browser's own refresh waits for them all.
"use strict";
setTimeout(() => location.replace(document.querySelector("main a.button").href), 3000);
