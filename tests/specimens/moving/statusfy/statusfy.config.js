module.exports = { title: "Kadewerk" }
