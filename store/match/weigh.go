package match

// Of is how many of the hundred points a kind of requirement weighs. Experience is apart
// from the work itself.
func Of(k Kind) int {
	return map[Kind]int{Work: workOf, Experience: experienceOf, Skill: skillsOf, Place: placeOf, Workplace: workplaceOf,
		Education: educationOf, Credential: credentialOf}[k]
}
