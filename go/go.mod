module teeproof

go 1.19
