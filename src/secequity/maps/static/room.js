window.secequity = (function () {
"use strict";
/* unpack */
const told = {};
told.start = async function (folium) {
const data = await unpacked();
/* rooms */
begin(folium);
Object.assign(told, { data, number, state, sheets, unitAt, anchorOf, lorenz, csv: () => csv(columns(), sortedRows(columns())) });
};
return told;
})();
