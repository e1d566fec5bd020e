module example.com/bicycles

go 1.22
