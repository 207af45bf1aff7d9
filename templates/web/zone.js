// Chooses the time zone of the browser's clock, once, where the reader has not chosen herself.
const zones = document.querySelector("select[data-guess]");
const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zones && [...zones.options].some((option) => option.value === guess)) zones.value = guess;
