package runbook

// The questions that drills answer. A drill file may ask another one; one that it shares with
// others stands beside them where drills are listed.
const (
	QuestionLoss        = "What does losing a region cost?"
	QuestionHang        = "What if it hangs instead of dying?"
	QuestionConsistency = "What does consistency cost?"
	QuestionTwoLead     = "What if two regions lead at once?"
	QuestionData        = "What does the data itself cost?"
	QuestionTraffic     = "Where does traffic go, and how soon?"
	QuestionPlanned     = "Can a region be left on purpose?"
)

// Questions is the questions of the drills that ship, in the order in which they are best asked.
func Questions() []string {
	return []string{QuestionLoss, QuestionHang, QuestionConsistency, QuestionTwoLead, QuestionData, QuestionTraffic, QuestionPlanned}
}
