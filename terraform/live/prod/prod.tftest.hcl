run "the_machines_of_prod_are_those_of_the_table" {
  command = plan

  assert {
    condition     = length(output.machines) == sum([for row in jsondecode(file("../nodes.json")).nodes : row.count["prod"]])
    error_message = "a machine for each count of the table"
  }
  assert {
    condition     = toset(output.by_hand) == toset([for each in jsondecode(file("../parameters.json")) : "/sesacthon/prod/${each.name}" if each.made == "by hand"])
    error_message = "every parameter that people set has its place"
  }
}
